#include "base/json.h"

#include <gmock/gmock.h>

#include <limits>

#include "base/error.h"
#include "base/json_number.h"

namespace bv {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "(no error)";
}

TEST(Json, SyntaxErrorsGiveFileLineAndColumn) {
  EXPECT_THAT(ErrorOf([] { ParseJson("{\n \"a\": x}", "f.json"); }),
              HasSubstr("f.json: not valid JSON at line 2"));
  EXPECT_THAT(ErrorOf([] { ParseJson("{\"a\": [1, 2", "f.json"); }), HasSubstr("ends too early"));
  EXPECT_THAT(ErrorOf([] { ParseJson("", "f.json"); }), HasSubstr("ends too early"));
}

TEST(Json, ByteOrderMarkIsIgnored) {
  EXPECT_EQ(ParseJson("\xEF\xBB\xBF{\"a\":1}", "f")["a"], 1);
}

TEST(Json, HostileDepthIsRefused) {
  EXPECT_THAT(ErrorOf([] { ParseJson(std::string(100000, '['), "f"); }), HasSubstr("nested deeper"));
}

TEST(Json, RequireSaysWhereAndWhat) {
  const Json value = ParseJson(R"({"data": {"n": 3, "s": "x", "big": 18446744073709551615}})", "f");
  EXPECT_EQ(RequireInteger(value["data"], "n", 0, 10, "f", "data"), 3);
  EXPECT_THAT(ErrorOf([&] { RequireInteger(value["data"], "n", 4, 10, "f", "data"); }),
              HasSubstr("'data.n' is 3, allowed is 4 to 10"));
  EXPECT_THAT(ErrorOf([&] { RequireInteger(value["data"], "big", 0, 10, "f", "data"); }),
              HasSubstr("allowed is"));
  EXPECT_THAT(ErrorOf([&] { RequireInteger(value["data"], "s", 0, 10, "f", "data"); }),
              HasSubstr("'data.s' is string, a whole number is needed"));
  EXPECT_THAT(ErrorOf([&] { RequireString(value, "nope", "f"); }), HasSubstr("key 'nope' is missing"));
  EXPECT_THAT(ErrorOf([&] { RequireKey(value["data"]["s"], "k", "f", "data.s"); }),
              HasSubstr("'data.s' is string"));
}

TEST(Json, WhatCouldNotBeMeasuredIsNull) {
  EXPECT_EQ(NumberOrNull(0.5), OrderedJson(0.5));
  EXPECT_TRUE(NumberOrNull(std::numeric_limits<double>::quiet_NaN()).is_null());
  EXPECT_TRUE(NumberOrNull(-std::numeric_limits<double>::infinity()).is_null());
}

TEST(Json, HexadecimalNumbersHaveOneSpelling) {
  const Json object = {
      {"good", "00ff00ff00ff00ff"}, {"short", "ff"}, {"capital", "00FF00FF00FF00FF"}, {"number", 7}};
  EXPECT_EQ(RequireHex(object, "good", "f"), 0x00ff00ff00ff00ffULL);
  for (const char* key : {"short", "capital", "number", "missing"})
    EXPECT_THROW(RequireHex(object, key, "f"), Error) << key;
}

}  // namespace
}  // namespace bv
