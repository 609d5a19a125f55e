// Where models lie on this machine: turns what a user gives as --model into a folder.
#pragma once

#include <filesystem>
#include <string>

namespace bv {

// `name` is a folder; or "minilm", the built-in default that set-up installs ($BERTVISION_MINILM overrides
// its place); or a Hugging Face hub name, "org/name" or "org/name@revision" (without one: "main"), whose
// snapshot is in the local cache (see base/hub_cache.h). Errors (kIo) say what was looked for and where.
std::filesystem::path FindModelFolder(const std::string& name);

}  // namespace bv
