#include "fetch/token.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv::fetch {
namespace {

using testing::HasSubstr;
using testing::Not;

// No token anywhere until a test sets one.
class Token : public testing::Test {
 protected:
  Token() {
    for (const char* name : {"HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"}) unsetenv(name);
    setenv("HF_HOME", folder_.path().c_str(), 1);
  }
  ~Token() override {
    for (const char* name : {"HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "HF_HOME"}) unsetenv(name);
  }
  test::ScratchFolder folder_;
};

TEST_F(Token, ComesFromTheFirstPlaceThatHasOne) {
  EXPECT_EQ(HubToken({}), "");
  WriteFileAtomically(folder_ / "token", "saved\n");
  EXPECT_EQ(HubToken({}), "saved");
  WriteFileAtomically(folder_ / "mine", " named ");
  setenv("HF_TOKEN_PATH", (folder_ / "mine").c_str(), 1);
  EXPECT_EQ(HubToken({}), "named");
  setenv("HF_TOKEN", "variable", 1);
  EXPECT_EQ(HubToken({}), "variable");
  EXPECT_EQ(HubToken(folder_ / "token"), "saved");
}

TEST_F(Token, ThatWouldBreakAHeaderIsRefusedWithoutShowingIt) {
  for (const char* bad : {"hf_secret\r\nX: y", "hf_secret two", "hf_secr\xC3\xA9t"}) {
    setenv("HF_TOKEN", bad, 1);
    try {
      HubToken({});
      FAIL() << bad;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_THAT(error.what(), HasSubstr("HF_TOKEN"));
      EXPECT_THAT(error.what(), Not(HasSubstr("hf_")));
    }
  }
}

TEST_F(Token, AGivenFileMustHoldOne) {
  EXPECT_THROW(HubToken(folder_ / "none"), Error);
  WriteFileAtomically(folder_ / "empty", "\n");
  EXPECT_THROW(HubToken(folder_ / "empty"), Error);
}

TEST_F(Token, OfflineIsReadAsTheHubsLibraryReadsIt) {
  EXPECT_FALSE(OfflineByEnvironment());
  for (const char* yes : {"1", "on", "Yes", "TRUE"}) {
    setenv("HF_HUB_OFFLINE", yes, 1);
    EXPECT_TRUE(OfflineByEnvironment()) << yes;
  }
  for (const char* no : {"0", "", "no", "2"}) {
    setenv("HF_HUB_OFFLINE", no, 1);
    EXPECT_FALSE(OfflineByEnvironment()) << no;
  }
}

}  // namespace
}  // namespace bv::fetch
