// TOML files (configurations and plans) read as JSON values, so that one set of checks serves both.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/json.h"

namespace bv {

// Errors (kUsage): "file: not valid TOML at line 3, column 7: …"; dates and times are refused, since no
// option of ours takes one.
Json ParseToml(std::string_view text, const std::string& file);
Json ReadTomlFile(const std::filesystem::path& path);

}  // namespace bv
