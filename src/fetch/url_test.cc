#include "fetch/url.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "fetch/hub.h"

namespace bv::fetch {
namespace {

using testing::HasSubstr;

std::string EndpointError(const std::string& url) {
  try {
    CheckEndpoint(url, "HF_ENDPOINT");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "(no error)";
}

TEST(OriginOf, IsSchemeHostAndPort) {
  EXPECT_EQ(OriginOf("https://Hub.example/a?b"), OriginOf("https://hub.EXAMPLE:443/other"));
  for (const char* other :
       {"http://hub.example/a", "https://hub.example:8443/a", "https://cdn.hub.example/a"})
    EXPECT_FALSE(OriginOf("https://hub.example/a") == OriginOf(other)) << other;
  EXPECT_EQ(OriginOf("http://127.0.0.1:81").port, "81");
  // What stands before an @ is no host.
  EXPECT_EQ(OriginOf("https://hub.example@evil.example/").host, "evil.example");
  EXPECT_THROW(OriginOf("file:///etc/passwd"), Error);
}

TEST(Resolve, TakesWholeAndRelativeAddresses) {
  const std::string base = "https://hub.example/a/resolve/main/config.json";
  EXPECT_EQ(Resolve(base, "/b/c?d=e"), "https://hub.example/b/c?d=e");
  EXPECT_EQ(Resolve(base, "vocab.txt"), "https://hub.example/a/resolve/main/vocab.txt");
  EXPECT_EQ(Resolve(base, "//cdn.example/x"), "https://cdn.example/x");
  EXPECT_EQ(Resolve(base, "http://cdn.example/x"), "http://cdn.example/x");
}

TEST(Resolve, RefusesOtherSchemes) {
  for (const char* bad : {"file:///etc/passwd", "ftp://a/b", "gopher://a/b"})
    EXPECT_THROW(Resolve("https://hub.example/a", bad), Error) << bad;
  EXPECT_THROW(Resolve("https://hub.example/a", std::string("/a\0b", 4)), Error);
}

TEST(CheckEndpoint, TakesWebAddressesWithoutTheirLastSlashes) {
  EXPECT_EQ(CheckEndpoint("https://hub.example//", ""), "https://hub.example");
  EXPECT_EQ(CheckEndpoint("http://127.0.0.1:8000/hf/", ""), "http://127.0.0.1:8000/hf");
}

TEST(CheckEndpoint, RefusesWhatIsNoneAndNeverPrintsPasswords) {
  for (const char* bad : {"", "hub.example", "ftp://hub.example", "file:///x", "https://", "https:// a"})
    EXPECT_THAT(EndpointError(bad), HasSubstr("HF_ENDPOINT is '")) << bad;
  EXPECT_THAT(EndpointError("https://a.example/?x=1"), HasSubstr("no '?'"));
  const std::string error = EndpointError("https://anna:secret@hub.example");
  EXPECT_THAT(error, HasSubstr("HF_TOKEN"));
  EXPECT_THAT(error, testing::Not(HasSubstr("secret")));
}

TEST(FileUrl, EncodesRevisionsAndFiles) {
  EXPECT_EQ(FileUrl("https://hub.example", {"org/name", "refs/pr/1"}, "a b.json"),
            "https://hub.example/org/name/resolve/refs%2Fpr%2F1/a%20b.json");
  EXPECT_EQ(FileUrl("https://hub.example/hf", {"name"}, "config.json"),
            "https://hub.example/hf/name/resolve/main/config.json");
}

TEST(Encode, LeavesOnlyUnreservedLetters) {
  EXPECT_EQ(Encode("aZ09-_.~"), "aZ09-_.~");
  EXPECT_EQ(Encode("/?#%+ \xC3\xA9"), "%2F%3F%23%25%2B%20%C3%A9");
}

}  // namespace
}  // namespace bv::fetch
