#include "base/toml.h"

#include <toml++/toml.h>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"

namespace bv {
namespace {

Json ToJson(const toml::node& node, const std::string& file) {
  if (const auto* table = node.as_table()) {
    Json object = Json::object();
    for (const auto& [key, value] : *table) object[std::string(key.str())] = ToJson(value, file);
    return object;
  }
  if (const auto* array = node.as_array()) {
    Json list = Json::array();
    for (const auto& value : *array) list.push_back(ToJson(value, file));
    return list;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  throw Error(ErrorKind::kUsage, Cat(file, ": a date or time at line ", node.source().begin.line,
                                     "; write it as a string in quotes"));
}

}  // namespace

Json ParseToml(std::string_view text, const std::string& file) {
  try {
    return ToJson(toml::parse(text), file);
  } catch (const toml::parse_error& error) {
    const auto place = error.source().begin;
    throw Error(ErrorKind::kUsage, Cat(file, ": not valid TOML at line ", place.line, ", column ",
                                       place.column, ": ", error.description()));
  }
}

Json ReadTomlFile(const std::filesystem::path& path) {
  return ParseToml(ReadFile(path), path.string());
}

}  // namespace bv
