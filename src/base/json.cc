#include "base/json.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int kMaxDepth = 200;
constexpr size_t kKeyShown = 200;  // bytes of a key with its path, in errors

std::string Place(std::string_view text, size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t newline = before.rfind('\n');
  const size_t column = newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  return Cat("line ", line, ", column ", column);
}

std::string Named(std::string_view key, const std::string& where) {
  return Quoted(where.empty() ? std::string(key) : Cat(where, ".", key), kKeyShown);
}

Error WrongType(const Json& value, std::string_view key, const char* wanted, const std::string& file,
                const std::string& where) {
  return DataError(file, Cat(Named(key, where), " is ", value.type_name(), ", ", wanted, " is needed"));
}

}  // namespace

Json ParseJson(std::string_view text, const std::string& file) {
  const auto depth_guard = [&](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) throw DataError(file, Cat("nested deeper than ", kMaxDepth, " levels"));
    return true;
  };
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  try {
    return Json::parse(text.begin(), text.end(), depth_guard);
  } catch (const Json::parse_error& error) {
    const bool cut_off = error.byte >= text.size();
    throw DataError(file, Cat("not valid JSON at ", Place(text, error.byte == 0 ? 0 : error.byte - 1),
                              cut_off ? ": the file ends too early; it was probably cut off" : ""));
  } catch (const Json::exception&) {
    throw DataError(file, "not valid JSON: a number is out of range");
  }
}

Json ReadJsonFile(const std::filesystem::path& path) {
  return ParseJson(ReadFile(path), path.string());
}

const Json& RequireKey(const Json& object, std::string_view key, const std::string& file,
                       const std::string& where) {
  if (!object.is_object()) {
    throw DataError(file, Cat(where.empty() ? "the top level" : "'" + where + "'", " is ", object.type_name(),
                              ", an object with key '", key, "' is needed"));
  }
  const auto found = object.find(key);
  if (found == object.end()) throw DataError(file, Cat("key ", Named(key, where), " is missing"));
  return *found;
}

const Json& RequireArray(const Json& object, std::string_view key, const std::string& file,
                         const std::string& where) {
  const Json& value = RequireKey(object, key, file, where);
  if (!value.is_array()) throw WrongType(value, key, "an array", file, where);
  return value;
}

const Json& RequireObject(const Json& object, std::string_view key, const std::string& file,
                          const std::string& where) {
  const Json& value = RequireKey(object, key, file, where);
  if (!value.is_object()) throw WrongType(value, key, "an object", file, where);
  return value;
}

const std::string& RequireString(const Json& object, std::string_view key, const std::string& file,
                                 const std::string& where) {
  const Json& value = RequireKey(object, key, file, where);
  if (!value.is_string()) throw WrongType(value, key, "a string", file, where);
  return value.get_ref<const std::string&>();
}

int64_t RequireInteger(const Json& object, std::string_view key, int64_t low, int64_t high,
                       const std::string& file, const std::string& where) {
  const Json& value = RequireKey(object, key, file, where);
  if (!value.is_number_integer()) throw WrongType(value, key, "a whole number", file, where);
  const bool huge = value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  if (huge || value.get<int64_t>() < low || value.get<int64_t>() > high) {
    throw DataError(file, Cat(Named(key, where), " is ", value.dump(), ", allowed is ", low, " to ", high));
  }
  return value.get<int64_t>();
}

double RequireNumber(const Json& object, std::string_view key, const std::string& file,
                     const std::string& where) {
  const Json& value = RequireKey(object, key, file, where);
  if (!value.is_number()) throw WrongType(value, key, "a number", file, where);
  return value.get<double>();
}

uint64_t RequireHex(const Json& object, std::string_view key, const std::string& file,
                    const std::string& where) {
  const std::string& text = RequireString(object, key, file, where);
  if (const auto value = ParseHex(text)) return *value;
  throw DataError(
      file, Cat(Named(key, where), " is ", Quoted(text), ", 16 lower-case hexadecimal digits are needed"));
}

bool RequireBool(const Json& object, std::string_view key, const std::string& file,
                 const std::string& where) {
  const Json& value = RequireKey(object, key, file, where);
  if (!value.is_boolean()) throw WrongType(value, key, "true or false", file, where);
  return value.get<bool>();
}

void WriteJsonFile(const std::filesystem::path& path, const OrderedJson& value) {
  WriteFileAtomically(path, value.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n");
}

void WriteJsonFile(const std::filesystem::path& path, const Json& value) {
  WriteFileAtomically(path, value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string JsonLine(const OrderedJson& value) {
  return value.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace bv
