// Where models lie on this machine: turns what a user gives as --model into a folder.
#pragma once

#include <filesystem>
#include <string>

namespace bv {

// `name` is a folder; or "minilm", the built-in default that set-up installs ($BERTVISION_MINILM overrides
// its place); or a Hugging Face hub name whose snapshot is in the local cache ($HF_HUB_CACHE, else
// $HF_HOME/hub, else ~/.cache/huggingface/hub; revision "main"). Errors (kIo) say what was looked for and
// where.
std::filesystem::path FindModelFolder(const std::string& name);

}  // namespace bv
