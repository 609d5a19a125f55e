#include "data/delimited.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/file.h"
#include "base/testing.h"

namespace bv {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Records = std::vector<std::vector<std::string>>;

Records Read(const std::string& text, char separator, bool quoting, std::vector<int64_t>* lines = nullptr) {
  const TextFile file = {"f", text, 0};
  DelimitedReader reader(file, separator, quoting);
  Records records;
  std::vector<std::string> fields;
  while (reader.Next(&fields)) {
    records.push_back(fields);
    if (lines != nullptr) lines->push_back(reader.line());
  }
  return records;
}

std::string ErrorOf(const std::string& text) {
  try {
    Read(text, ',', true);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kData);
    return error.what();
  }
  return "(no error)";
}

TEST(Delimited, QuotesAreCharactersWhereQuotingIsOff) {
  EXPECT_EQ(Read("a\t\"b\n\"c\" d\t\"\"\n", '\t', false), (Records{{"a", "\"b"}, {"\"c\" d", "\"\""}}));
}

TEST(Delimited, QuotedFieldsHoldSeparatorsBreaksAndQuotes) {
  std::vector<int64_t> lines;
  EXPECT_EQ(Read("\"a,b\",\"c \"\"d\"\"\r\ne\",\"\"\r\nf,g \"h\" i,\n\"j\",k,l", ',', true, &lines),
            (Records{{"a,b", "c \"d\"\r\ne", ""}, {"f", "g \"h\" i", ""}, {"j", "k", "l"}}));
  EXPECT_THAT(lines, ElementsAre(1, 3, 4));
}

TEST(Delimited, EmptyFieldsCountAndBlankLinesDoNot) {
  std::vector<int64_t> lines;
  EXPECT_EQ(Read("\n\r\n\ta\t\r\n\n\t\n", '\t', false, &lines), (Records{{"", "a", ""}, {"", ""}}));
  EXPECT_THAT(lines, ElementsAre(3, 5));
  EXPECT_EQ(Read("", '\t', false), Records{});
  EXPECT_EQ(Read("\n\r\n", '\t', false), Records{});
  EXPECT_EQ(Read("\"\"\n", ',', true), (Records{{""}}));
}

TEST(Delimited, OnlyLineFeedsEndLines) {
  EXPECT_EQ(Read("a\rb\tc\u2028d\x0b\n", '\t', false), (Records{{"a\rb", "c\u2028d\x0b"}}));
}

TEST(Delimited, BrokenQuotesAreErrorsWithTheirLine) {
  EXPECT_THAT(ErrorOf("a,b\nc,\"d\ne\n"), HasSubstr("f:2: a quoted field that begins here is never closed"));
  EXPECT_THAT(ErrorOf("a,b\n\"c\nd\" e,f\n"), HasSubstr("f:3: text follows a closing quote: ' e,f'"));
}

TEST(Delimited, FilesLoseTheirByteOrderMarkAndMustBeUtf8) {
  const test::ScratchFolder folder;
  WriteFileAtomically(folder / "f",
                      "\xEF\xBB\xBF"
                      "a");
  EXPECT_EQ(ReadTextFile(folder / "f").text, "a");
  WriteFileAtomically(folder / "f", "a\nb\nc \xE9t\xE9\n");
  try {
    ReadTextFile(folder / "f");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("f:3: byte 2 of the line is not valid UTF-8"));
  }
}

}  // namespace
}  // namespace bv
