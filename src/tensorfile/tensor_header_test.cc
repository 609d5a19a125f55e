#include "tensorfile/tensor_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"

namespace bv {
namespace {

using testing::HasSubstr;

// A file of the JSON text as its header and `data` zero bytes.
std::string File(const std::string& json, size_t data) {
  std::string file(8, '\0');
  const uint64_t length = json.size();
  std::memcpy(file.data(), &length, 8);
  return file + json + std::string(data, '\0');
}

TensorHeader Parse(const std::string& file) {
  return ParseTensorHeader({reinterpret_cast<const std::byte*>(file.data()), file.size()},
                           "model.safetensors");
}

struct Bad {
  const char* name;
  std::string file;
  const char* message;  // a part of it
};
void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}

class HostileHeader : public testing::TestWithParam<Bad> {};

TEST_P(HostileHeader, IsRefusedInOneLineThatNamesTheFile) {
  try {
    Parse(GetParam().file);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("model.safetensors"));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
    EXPECT_THAT(error.what(), Not(HasSubstr("\n")));
  }
}

std::string Deep() {
  return R"({"a":)" + std::string(500, '[') + std::string(500, ']') + "}";
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileHeader,
    testing::Values(
        Bad{"short", "abc", "cut off"},
        Bad{"long_header", std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "at most 100000000"},
        Bad{"pointer_file", "version https://git-lfs.github.com/spec/v1", "git lfs pull"},
        Bad{"web_page", "<!DOCTYPE html><html>", "web page"},
        Bad{"cut_in_header", File(R"({"a":1})", 0).substr(0, 12), "cut off"},
        Bad{"no_object", File("[]", 0), "'{'"}, Bad{"empty_header", File("", 4), "'{'"},
        Bad{"broken_json", File(R"({"a":})", 0), "not valid JSON"},
        Bad{"not_utf8", File("{\"\xff\":1}", 0), "not valid JSON"}, Bad{"deep", File(Deep(), 0), "nested"},
        Bad{"no_entry", File(R"({"a":3})", 0), "'dtype' is missing"},
        Bad{"name_twice",
            File(
                R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                1),
            "stands twice"},
        Bad{"field_twice", File(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1),
            "stands twice"},
        Bad{"unknown_dtype", File(R"({"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1),
            "'F8_E4M3' is not supported"},
        Bad{"negative_size", File(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1),
            "whole numbers"},
        Bad{"fraction", File(R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1),
            "whole numbers"},
        Bad{"huge_number",
            File(R"({"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,1]}})", 1),
            "whole numbers"},
        Bad{"overflow",
            File(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0),
            "more elements"},
        Bad{"overflow_behind_zero",
            File(R"({"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}})", 0),
            "more elements"},
        Bad{"wrong_bytes", File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4),
            "'a': its place"},
        Bad{"backwards", File(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1), "its place"},
        Bad{"three_offsets", File(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}})", 1),
            "3 numbers"},
        Bad{"overlap",
            File(
                R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                3),
            "overlaps"},
        Bad{"hole",
            File(
                R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
                3),
            "a hole"},
        Bad{"cut_in_data", File(R"({"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}})", 8), "cut off"},
        Bad{"behind", File(R"({"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}})", 10),
            "1 bytes stand behind"},
        Bad{"many_dimensions",
            File(
                R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}})",
                1),
            "65 dimensions"},
        Bad{"metadata_array", File(R"({"__metadata__":[]})", 0), "not an object"},
        Bad{"metadata_number", File(R"({"__metadata__":{"a":1}})", 0), "no string"}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(TensorHeader, EveryCutOfAGoodFileIsRefused) {
  const std::string good = File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  EXPECT_EQ(Parse(good).tensors.size(), 1u);
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_THROW(Parse(good.substr(0, length)), Error) << length;
}

TEST(TensorHeader, EveryByteOfAHeaderMayBeAnythingWithoutACrash) {
  const std::string good = File(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8);
  for (size_t at = 0; at < good.size() - 8; ++at) {
    for (const char value : {'\0', '\1', '"', '{', '}', '[', '9', '-', '\x80', '\xff'}) {
      std::string file = good;
      file[at] = value;
      try {
        const TensorHeader header = Parse(file);
        for (const TensorEntry& entry : header.tensors) {
          EXPECT_LE(header.data_begin + entry.end, static_cast<int64_t>(file.size()));
        }
      } catch (const Error&) {
      }
    }
  }
}

TEST(TensorHeader, WhatIsFormattedIsParsedBack) {
  const std::vector<TensorEntry> entries = {{"z \"quoted\" \xC3\xA9", Dtype::kI64, {3}, 8, 32},
                                            {"empty", Dtype::kF16, {0, 5}, 8, 8},
                                            {"scalar", Dtype::kF64, {}, 0, 8}};
  std::string file = FormatTensorHeader(entries, {{"key", "value"}});
  EXPECT_EQ(file.size() % 8, 0u);
  const TensorHeader header = Parse(file + std::string(32, '\0'));
  EXPECT_EQ(header.metadata.at("key"), "value");
  ASSERT_EQ(header.tensors.size(), 3u);
  EXPECT_EQ(header.tensors[0].name, "scalar");
  EXPECT_EQ(header.tensors[1].shape, (std::vector<int64_t>{0, 5}));
  EXPECT_EQ(header.tensors[2].name, "z \"quoted\" \xC3\xA9");
  EXPECT_EQ(FormatTensorHeader(entries, {}, 4096).size(), 4096u);
}

}  // namespace
}  // namespace bv
