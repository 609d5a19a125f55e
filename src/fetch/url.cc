#include "fetch/url.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "base/error.h"
#include "base/strings.h"

namespace bv::fetch {
namespace {

struct CloseUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, CloseUrl>;

// Nothing for texts that are no http or https address.
Url Parse(const std::string& text) {
  Url url(curl_url());
  if (!url || text.find('\0') != text.npos ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return nullptr;
  return url;
}

std::string Part(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* value = nullptr;
  if (curl_url_get(url.get(), part, &value, flags) != CURLUE_OK) return "";
  std::string text = value;
  curl_free(value);
  return text;
}

bool IsWeb(const Url& url) {
  const std::string scheme = Part(url, CURLUPART_SCHEME);
  return scheme == "http" || scheme == "https";
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

}  // namespace

Origin OriginOf(const std::string& text) {
  const Url url = Parse(text);
  if (!url || !IsWeb(url))
    throw Error(ErrorKind::kUsage, Cat(Quoted(text, 200), " is no http or https address"));
  return {Part(url, CURLUPART_SCHEME), Lower(Part(url, CURLUPART_HOST)),
          Part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)};
}

std::string Resolve(const std::string& base, const std::string& reference) {
  const Url url = Parse(base);
  const bool good = url && reference.find('\0') == reference.npos &&
                    curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), 0) == CURLUE_OK && IsWeb(url);
  if (!good) {
    throw DataError(base, Cat("the server redirects to ", Quoted(reference, 200),
                              ", an http or https address is needed"));
  }
  return Part(url, CURLUPART_URL);
}

std::string CheckEndpoint(const std::string& text, const std::string& where) {
  const Url url = Parse(text);
  if (!url || !IsWeb(url) || text.find("://") == text.npos) {
    throw Error(ErrorKind::kUsage,
                Cat(where, " is ", Quoted(text, 200), ", an address with http:// or https:// is needed"));
  }
  if (!Part(url, CURLUPART_USER).empty() || !Part(url, CURLUPART_PASSWORD).empty())
    throw Error(ErrorKind::kUsage, Cat(where, " holds a user name or password; set HF_TOKEN instead"));
  if (!Part(url, CURLUPART_QUERY).empty() || !Part(url, CURLUPART_FRAGMENT).empty())
    throw Error(ErrorKind::kUsage, Cat(where, " is ", Quoted(text, 200), ", no '?' and no '#' are allowed"));
  return text.substr(0, text.find_last_not_of('/') + 1);
}

std::string Encode(std::string_view text) {
  constexpr const char* kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    if (letter || (byte >= '0' && byte <= '9') || c == '-' || c == '_' || c == '.' || c == '~') {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace bv::fetch
