#include "base/hub_cache.h"

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr size_t kLongestName = 96;
constexpr size_t kLongestRevision = 200;
constexpr size_t kCommitDigits = 40;

bool Plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

bool AllPlain(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), Plain);
}

bool ValidNamePart(std::string_view part) {
  return AllPlain(part) && part.front() != '-' && part.front() != '.' && part.back() != '-' &&
         part.back() != '.' && part.find("--") == part.npos && part.find("..") == part.npos;
}

}  // namespace

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

fs::path HuggingFaceHome() {
  if (const std::string home = Environment("HF_HOME"); !home.empty()) return home;
  if (const std::string cache = Environment("XDG_CACHE_HOME"); !cache.empty())
    return fs::path(cache) / "huggingface";
  return fs::path(Environment("HOME")) / ".cache" / "huggingface";
}

fs::path HubCacheFolder() {
  if (const std::string cache = Environment("HF_HUB_CACHE"); !cache.empty()) return cache;
  return HuggingFaceHome() / "hub";
}

std::optional<HubName> ParseHubName(std::string_view text) {
  const size_t at = text.find('@');
  HubName parsed{std::string(text.substr(0, at))};
  if (at != text.npos) parsed.revision = text.substr(at + 1);
  const size_t slash = parsed.name.find('/');
  const std::string_view name = parsed.name;
  const bool valid = slash == name.npos
                         ? ValidNamePart(name)
                         : ValidNamePart(name.substr(0, slash)) && ValidNamePart(name.substr(slash + 1));
  if (!valid || name.size() > kLongestName || !ValidRevision(parsed.revision)) return std::nullopt;
  return parsed;
}

bool ValidRevision(std::string_view revision) {
  if (revision.empty() || revision.size() > kLongestRevision || revision.back() == '/') return false;
  const std::vector<std::string> parts = Split(revision, '/');
  return std::all_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return AllPlain(part) && part != "." && part != ".."; });
}

bool IsCommit(std::string_view revision) {
  return revision.size() == kCommitDigits && std::all_of(revision.begin(), revision.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

std::string RepositoryFolder(std::string_view kind, std::string_view name) {
  std::string folder = Cat(kind, "--");
  for (const char c : name) folder += c == '/' ? "--" : std::string(1, c);
  return folder;
}

fs::path CachedSnapshot(const fs::path& repository, const std::string& revision) {
  if (!ValidRevision(revision)) return {};
  std::string commit = revision;
  const fs::path ref = repository / "refs" / revision;
  if (fs::is_regular_file(ref)) commit = TrimSpaces(ReadFile(ref));
  // What stands in refs is a file's content, so it may be anything.
  if (!ValidRevision(commit) || commit.find('/') != commit.npos) return {};
  const fs::path snapshot = repository / "snapshots" / commit;
  return fs::is_directory(snapshot) ? snapshot : fs::path();
}

}  // namespace bv
