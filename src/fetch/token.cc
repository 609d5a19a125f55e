#include "fetch/token.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/file.h"
#include "base/hub_cache.h"
#include "base/strings.h"

namespace bv::fetch {
namespace {

// Anything else would break the header that it is sent in.
std::string CheckToken(const std::string& text, const std::string& where) {
  std::string token(TrimSpaces(text));
  const bool visible = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!visible)
    throw Error(ErrorKind::kUsage, where + " holds more than one word of visible ASCII; a token is one");
  return token;
}

}  // namespace

std::string HubToken(const fs::path& file) {
  if (!file.empty()) {
    std::string token = CheckToken(ReadFile(file), file.string());
    if (token.empty()) throw Error(ErrorKind::kUsage, file.string() + " is empty, a token is needed");
    return token;
  }
  if (const std::string set = Environment("HF_TOKEN"); !set.empty()) return CheckToken(set, "HF_TOKEN");
  const std::string path = Environment("HF_TOKEN_PATH");
  const fs::path saved = path.empty() ? HuggingFaceHome() / "token" : fs::path(path);
  std::error_code ignored;
  return fs::is_regular_file(saved, ignored) ? CheckToken(ReadFile(saved), saved.string()) : "";
}

bool OfflineByEnvironment() {
  std::string value = Environment("HF_HUB_OFFLINE");
  std::transform(value.begin(), value.end(), value.begin(), [](unsigned char c) { return std::toupper(c); });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

}  // namespace bv::fetch
