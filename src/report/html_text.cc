#include "report/html_text.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "text/utf8.h"

namespace bv {
namespace {

const char* EntityOf(char32_t code) {
  switch (code) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return nullptr;
  }
}

// HTML forbids control characters; a browser would show nothing for them.
bool Forbidden(char32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
}

}  // namespace

std::string HtmlText(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint point = DecodeUtf8(text, i);
    i += static_cast<size_t>(point.bytes);
    if (const char* entity = EntityOf(point.code)) {
      out += entity;
    } else {
      AppendUtf8(Forbidden(point.code) ? U'\uFFFD' : point.code, &out);
    }
  }
  return out;
}

std::string JsonForScript(const OrderedJson& json) {
  const std::string text = json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    // These stand inside strings only.
    if (c == '<' || c == '>' || c == '&') {
      out += c == '<' ? "\\u003c" : c == '>' ? "\\u003e" : "\\u0026";
    } else {
      out += c;
    }
  }
  return out;
}

std::string FillTemplate(std::string_view text,
                         const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out;
  std::set<std::string> used;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = text.find("{{", at);
    out += text.substr(at, begin - at);
    if (begin == std::string_view::npos) break;
    const size_t end = text.find("}}", begin);
    const std::string name(text.substr(begin + 2, end == std::string_view::npos ? end : end - begin - 2));
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == name; });
    if (end == std::string_view::npos || value == values.end())
      throw Error(ErrorKind::kInternal, Cat("the page's template has no value for ", Quoted(name)));
    out += value->second;
    used.insert(name);
    at = end + 2;
  }
  if (used.size() != values.size())
    throw Error(ErrorKind::kInternal, "the page's template leaves a value unused");
  return out;
}

}  // namespace bv
