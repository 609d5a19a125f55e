// The layout of the Hugging Face cache: where repositories lie in it and which snapshot a revision names.
// Nothing here writes or knows the network (layer fetch does). Plain functions that read the environment and
// the file system; safe from any thread that does not change the environment.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace bv {

// The value of an environment variable; "" where it is not set.
std::string Environment(const char* name);

// $HF_HOME, else $XDG_CACHE_HOME/huggingface, else ~/.cache/huggingface.
std::filesystem::path HuggingFaceHome();
// $HF_HUB_CACHE, else HuggingFaceHome()/hub.
std::filesystem::path HubCacheFolder();

struct HubName {
  std::string name;  // "org/name", or "name" for models older than organisations
  std::string revision = "main";
};

// Reads "org/name" or "name", with or without "@revision" (a branch, a tag or a commit). Nothing for texts
// that no hub has as a name: other characters than A-Z a-z 0-9 - _ . and one slash, "--", "..", over 96
// bytes.
std::optional<HubName> ParseHubName(std::string_view text);
// Letters, digits and - _ . / without empty, "." and ".." parts: safe as a path below refs/.
bool ValidRevision(std::string_view revision);
// 40 hexadecimal digits in lower case: a revision that names one state for good.
bool IsCommit(std::string_view revision);

// kind: "models" or "datasets". "models--org--name".
std::string RepositoryFolder(std::string_view kind, std::string_view name);
// The folder snapshots/<commit> of the commit that refs/<revision> names, or of the revision itself if it is
// a commit; empty where the cache has none.
std::filesystem::path CachedSnapshot(const std::filesystem::path& repository, const std::string& revision);

}  // namespace bv
