#include "fetch/content_hash.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv::fetch {
namespace {

const std::string kSha1 = "ce013625030ba8dba906f756967f9e9ca394464a";  // git hash-object of "hello\n"
const std::string kSha256 =
    "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";  // of the same

TEST(ParseEtag, TakesTheFormsThatServersAndProxiesSend) {
  for (const std::string& form :
       {kSha1, "\"" + kSha1 + "\"", "W/\"" + kSha1 + "\"", "  \"" + kSha1 + "\" "}) {
    const auto hash = ParseEtag(form);
    ASSERT_TRUE(hash) << form;
    EXPECT_EQ(hash->hex, kSha1);
    EXPECT_EQ(hash->kind, HashKind::kGitBlobSha1);
  }
  EXPECT_EQ(ParseEtag("\"" + kSha256 + "\"")->kind, HashKind::kSha256);
}

TEST(ParseEtag, TakesNothingElse) {
  for (const std::string& bad :
       {std::string(), std::string("\"\""), std::string("\"5f3a-61\""), kSha1.substr(1), kSha1 + "0",
        "\"" + kSha1, "../" + kSha1, std::string(40, '.'), std::string(40, 'A'), "W/" + kSha1 + "-gzip",
        std::string(64, '/')})
    EXPECT_FALSE(ParseEtag(bad)) << bad;
}

TEST(HashFile, IsGitsAndSha256s) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "a", "hello\n");
  EXPECT_EQ(HashFile(folder / "a", HashKind::kGitBlobSha1), kSha1);
  EXPECT_EQ(HashFile(folder / "a", HashKind::kSha256), kSha256);
  WriteFileAtomically(folder / "empty", "");
  EXPECT_EQ(HashFile(folder / "empty", HashKind::kGitBlobSha1), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  EXPECT_THROW(HashFile(folder / "none", HashKind::kSha256), Error);
}

TEST(Sha256, TakesPieces) {
  Sha256 hash;
  hash.Update("hel");
  hash.Update("");
  hash.Update("lo\n");
  EXPECT_EQ(hash.Hex(), kSha256);
}

}  // namespace
}  // namespace bv::fetch
