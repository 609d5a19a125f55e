#include "base/hash.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

TEST(Hash, KnownValuesOfXxh3) {
  // XXH3_64bits with seed 0, values of the reference implementation.
  EXPECT_EQ(Hex(HashText("")), "2d06800538d394c2");
  EXPECT_EQ(Hex(HashText("a")), "e6c632b61e964e1f");
}

TEST(Hash, StreamAndFileAgreeWithOneCall) {
  const test::ScratchFolder folder;
  const std::string text(3 << 20, 'x');
  WriteFileAtomically(folder / "a", text);
  Xxh3 stream;
  stream.Update(text.substr(0, 1000));
  stream.Update(text.substr(1000));
  EXPECT_EQ(stream.Digest(), HashText(text));
  EXPECT_EQ(HashFile(folder / "a"), HashText(text));
}

TEST(Hash, HexIsReadBackAndNothingElseIs) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{0xabc}, ~uint64_t{0}})
    EXPECT_EQ(ParseHex(Hex(value)), value);
  for (const char* text :
       {"", "abc", "0123456789abcdeg", "0123456789ABCDEF", "00123456789abcdef", "0x23456789abcdef"})
    EXPECT_EQ(ParseHex(text), std::nullopt) << text;
}

}  // namespace
}  // namespace bv
