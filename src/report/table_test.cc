#include "report/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "report/display_width.h"

namespace bv {
namespace {

Table Sample() {
  Table table({{"head", Align::kLeft}, {"parameters"}, {"F1", Align::kRight, 1}});
  table.AddRow({"learned_pooling", int64_t{1538}, 52.71});
  table.AddRow({"Köln | 東京", int64_t{340'000'000}, std::nan("")});
  table.AddRule();
  table.AddRow({"a, \"b\"", {}, std::numeric_limits<double>::infinity()});
  return table;
}

TEST(Table, TextLinesUpAndShowsDashesForWhatIsMissing) {
  EXPECT_EQ(Sample().Print(TableFormat::kText),
            "head              parameters    F1\n"
            "───────────────  ───────────  ────\n"
            "learned_pooling        1,538  52.7\n"
            "Köln | 東京      340,000,000     –\n"
            "───────────────  ───────────  ────\n"
            "a, \"b\"                     –     –\n");
}

TEST(Table, MarkdownEscapesPipesAndAligns) {
  EXPECT_EQ(Sample().Print(TableFormat::kMarkdown),
            "| head            |  parameters |   F1 |\n"
            "| --------------- | ----------: | ---: |\n"
            "| learned_pooling |       1,538 | 52.7 |\n"
            "| Köln \\| 東京    | 340,000,000 |    – |\n"
            "| a, \"b\"          |           – |    – |\n");
}

TEST(Table, CsvKeepsFullPrecisionAndQuotes) {
  EXPECT_EQ(
      Sample().Print(TableFormat::kCsv),
      "head,parameters,F1\r\nlearned_pooling,1538,52.71\r\nKöln | 東京,340000000,\r\n\"a, \"\"b\"\"\",,\r\n");
}

TEST(Table, LatexEscapesItsSpecialCharacters) {
  Table table({{"100%", Align::kLeft}, {"x_1", Align::kRight, 0}});
  table.AddRow({"a & b \\ {c} ~ ^ # $", 7.0});
  EXPECT_EQ(table.Print(TableFormat::kLatex),
            "\\begin{tabular}{lr}\n\\toprule\n100\\% & x\\_1 \\\\\n\\midrule\n"
            "a \\& b \\textbackslash{} \\{c\\} \\textasciitilde{} \\textasciicircum{} \\# \\$ & 7 \\\\\n"
            "\\bottomrule\n\\end{tabular}\n");
}

TEST(Table, ASpreadIsMeanWithLowestAndHighestAndThreeFieldsOfCsv) {
  Table table({{"head", Align::kLeft}, {"F1", Align::kRight, 1}, {"s"}});
  table.AddRow({"a (3 seeds)", Spread{40.5, 39.25, 41.75}, 1.0});
  table.AddRow({"b", 7.0, 2.0});
  table.AddRow({"c", Spread{std::nan(""), 1, 2}, {}});
  EXPECT_EQ(table.Print(TableFormat::kText),
            "head                        F1     s\n"
            "───────────  ─────────────────  ────\n"
            "a (3 seeds)  40.5 (39.2..41.8)  1.00\n"
            "b                          7.0  2.00\n"
            "c                            –     –\n");
  EXPECT_EQ(table.Print(TableFormat::kCsv),
            "head,F1,F1 min,F1 max,s\r\na (3 seeds),40.5,39.25,41.75,1\r\nb,7,7,7,2\r\nc,,1,2,\r\n");
}

TEST(Table, WithoutRowsIsItsTitles) {
  EXPECT_EQ(Table({{"a"}, {"bc"}}).Print(TableFormat::kText), "a  bc\n─  ──\n");
}

TEST(Table, RefusesARowOfAnotherLength) {
  Table table({{"a"}});
  EXPECT_THROW(table.AddRow({1.0, 2.0}), Error);
}

TEST(DisplayWidth, CountsTerminalColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("Köln"), 4u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("東京"), 4u);
  EXPECT_EQ(DisplayWidth("😀"), 2u);
  EXPECT_EQ(DisplayWidth("a\xff"
                         "b"),
            3u);
}

TEST(Table, FormatsHaveNames) {
  std::vector<std::string> printed;
  Table table({{"a"}});
  table.AddRow({int64_t{1}});
  for (const std::string& name : TableFormatNames()) printed.push_back(table.Print(ParseTableFormat(name)));
  EXPECT_EQ(printed[0], table.Print(TableFormat::kText));
  EXPECT_EQ(printed[1], table.Print(TableFormat::kMarkdown));
  EXPECT_EQ(printed[2], table.Print(TableFormat::kCsv));
  EXPECT_EQ(printed[3], table.Print(TableFormat::kLatex));
  EXPECT_THROW(ParseTableFormat("html"), Error);
}

}  // namespace
}  // namespace bv
