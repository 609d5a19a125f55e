// JSON in and out, with errors that name the file and the place. Everything read is treated as hostile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace bv {

using Json = nlohmann::json;
// Keeps the order in which keys were added: for files that people read.
using OrderedJson = nlohmann::ordered_json;

// Errors (kData): "file: not valid JSON at line 3, column 7: …"; nesting over 200 levels is refused.
Json ParseJson(std::string_view text, const std::string& file);
Json ReadJsonFile(const std::filesystem::path& path);

// A key of an object, of the right type; the error gives file, where (a path such as "data[3].title"), the
// type found and the type needed.
const Json& RequireKey(const Json& object, std::string_view key, const std::string& file,
                       const std::string& where = "");
const Json& RequireArray(const Json& object, std::string_view key, const std::string& file,
                         const std::string& where = "");
const Json& RequireObject(const Json& object, std::string_view key, const std::string& file,
                          const std::string& where = "");
const std::string& RequireString(const Json& object, std::string_view key, const std::string& file,
                                 const std::string& where = "");
// A whole number in [low, high].
int64_t RequireInteger(const Json& object, std::string_view key, int64_t low, int64_t high,
                       const std::string& file, const std::string& where = "");
double RequireNumber(const Json& object, std::string_view key, const std::string& file,
                     const std::string& where = "");
// A number as Hex writes it.
uint64_t RequireHex(const Json& object, std::string_view key, const std::string& file,
                    const std::string& where = "");
bool RequireBool(const Json& object, std::string_view key, const std::string& file,
                 const std::string& where = "");

// Pretty-printed, final newline, written atomically. Invalid UTF-8 in strings becomes U+FFFD.
void WriteJsonFile(const std::filesystem::path& path, const OrderedJson& value);
void WriteJsonFile(const std::filesystem::path& path, const Json& value);
// One line, for JSONL.
std::string JsonLine(const OrderedJson& value);

}  // namespace bv
