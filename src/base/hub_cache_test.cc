#include "base/hub_cache.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

// Sets a variable while it lives; an empty value unsets it.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name), before_(Environment(name)) {
    Set(value);
  }
  ~Variable() { Set(before_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void Set(const std::string& value) {
    if (value.empty()) {
      unsetenv(name_);
    } else {
      setenv(name_, value.c_str(), 1);
    }
  }
  const char* name_;
  std::string before_;
};

TEST(HubCacheFolder, FollowsTheVariablesInTheirOrder) {
  const Variable home("HOME", "/home/anna"),
      none[] = {{"HF_HOME", ""}, {"HF_HUB_CACHE", ""}, {"XDG_CACHE_HOME", ""}};
  EXPECT_EQ(HubCacheFolder(), "/home/anna/.cache/huggingface/hub");
  const Variable xdg("XDG_CACHE_HOME", "/xdg");
  EXPECT_EQ(HubCacheFolder(), "/xdg/huggingface/hub");
  const Variable hf("HF_HOME", "/hf");
  EXPECT_EQ(HubCacheFolder(), "/hf/hub");
  const Variable hub("HF_HUB_CACHE", "/hub");
  EXPECT_EQ(HubCacheFolder(), "/hub");
}

TEST(ParseHubName, ReadsNamesAndRevisions) {
  EXPECT_EQ(ParseHubName("org/name")->name, "org/name");
  EXPECT_EQ(ParseHubName("org/name")->revision, "main");
  EXPECT_EQ(ParseHubName("bert-base-uncased@v1.0")->name, "bert-base-uncased");
  EXPECT_EQ(ParseHubName("org/na.me_2@refs/pr/1")->revision, "refs/pr/1");
}

TEST(ParseHubName, RefusesWhatNoHubHas) {
  for (const char* bad :
       {"",   "/",  "a/",   "/a", "a/b/c", "../a", "a/..",   "a--b", "a/b c",    "a/b?c", "a/b#c", "a/b%2f",
        "-a", "a.", "a/.b", "a@", "a@/x",  "a@x/", "a@x//y", "a@..", "a@x/../y", "a@x y", "a\\b"})
    EXPECT_FALSE(ParseHubName(bad)) << bad;
  EXPECT_FALSE(ParseHubName(std::string(97, 'a')));
  EXPECT_FALSE(ParseHubName(std::string("a\0b", 3)));
}

TEST(IsCommit, TakesFortyLowerCaseDigits) {
  EXPECT_TRUE(IsCommit("0123456789abcdef0123456789abcdef01234567"));
  EXPECT_FALSE(IsCommit("0123456789ABCDEF0123456789abcdef01234567"));
  EXPECT_FALSE(IsCommit("0123456789abcdef"));
}

TEST(RepositoryFolder, IsTheHubsOwn) {
  EXPECT_EQ(RepositoryFolder("models", "org/name"), "models--org--name");
  EXPECT_EQ(RepositoryFolder("models", "name"), "models--name");
}

TEST(CachedSnapshot, FollowsRefsAndTakesCommits) {
  const test::ScratchFolder folder;
  MakeFolder(folder / "refs/refs/pr");
  MakeFolder(folder / "snapshots/abc");
  WriteFileAtomically(folder / "refs/main", "abc");
  WriteFileAtomically(folder / "refs/refs/pr/1", "abc\n");
  WriteFileAtomically(folder / "refs/gone", "def");
  WriteFileAtomically(folder / "refs/evil", "../snapshots/abc");
  EXPECT_EQ(CachedSnapshot(folder.path(), "main"), folder / "snapshots/abc");
  EXPECT_EQ(CachedSnapshot(folder.path(), "refs/pr/1"), folder / "snapshots/abc");
  EXPECT_EQ(CachedSnapshot(folder.path(), "abc"), folder / "snapshots/abc");
  for (const char* bad : {"gone", "evil", "v2", "../snapshots/abc", ""})
    EXPECT_TRUE(CachedSnapshot(folder.path(), bad).empty()) << bad;
}

}  // namespace
}  // namespace bv
