#include "base/toml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace bv {
namespace {

std::string MessageOf(std::string_view text) {
  try {
    ParseToml(text, "plan.toml");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    return error.what();
  }
  return "no error";
}

TEST(Toml, KeepsTypesTablesAndArrays) {
  const Json value =
      ParseToml("a = 1\nb = 1.5\nc = 'x'\nd = true\ne = [1, 2]\n[f]\ng = 0x10\n[[h]]\ni = 1\n", "f");
  EXPECT_EQ(value, Json::parse(R"({"a":1,"b":1.5,"c":"x","d":true,"e":[1,2],"f":{"g":16},"h":[{"i":1}]})"));
  EXPECT_TRUE(value["a"].is_number_integer());
  EXPECT_TRUE(value["b"].is_number_float());
}

TEST(Toml, ErrorsNameFileAndLine) {
  EXPECT_THAT(MessageOf("a = 1\nb = \n"), testing::StartsWith("plan.toml: not valid TOML at line 2"));
  EXPECT_THAT(MessageOf("a = 1\na = 2\n"), testing::HasSubstr("line 2"));
  EXPECT_THAT(MessageOf("just words\n"), testing::HasSubstr("line 1"));
  EXPECT_THAT(MessageOf("a = \"\xff\"\n"), testing::HasSubstr("line 1"));
  EXPECT_THAT(MessageOf("x = 1979-05-27\n"), testing::HasSubstr("a date or time at line 1"));
}

}  // namespace
}  // namespace bv
