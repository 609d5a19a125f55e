// Parameter counts: those that are published, and formula, outline and tensors against each other.
#include <gtest/gtest.h>

#include <map>

#include "base/strings.h"
#include "heads/registry.h"
#include "heads/testing.h"

namespace bv {
namespace {

constexpr BackboneDims kBertLarge{25, 1024};

// The formula's value by its text, so that what `heads` prints is what it counts.
class Formula {
 public:
  Formula(std::string text, std::map<char, int64_t> values)
      : text_(std::move(text)), values_(std::move(values)) {}
  int64_t Value() { return Sum(); }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  int64_t Sum() {
    int64_t sum = Product();
    while (!AtEnd() && text_[at_] == '+') {
      ++at_;
      sum += Product();
    }
    return sum;
  }
  int64_t Product() {
    int64_t product = 1;
    while (!AtEnd() && text_[at_] != '+' && text_[at_] != ')' && text_[at_] != '/') product *= Factor();
    return product;
  }
  int64_t Factor() {
    if (text_.compare(at_, 5, "ceil(") == 0) {
      at_ += 5;
      const int64_t above = Sum();
      ++at_;
      const int64_t below = Sum();
      ++at_;
      return (above + below - 1) / below;
    }
    if (text_[at_] == '(') {
      ++at_;
      const int64_t inner = Sum();
      ++at_;
      return inner;
    }
    if (values_.contains(text_[at_])) return values_.at(text_[at_++]);
    int64_t number = 0;
    while (!AtEnd() && std::isdigit(static_cast<unsigned char>(text_[at_])) != 0) {
      number = 10 * number + (text_[at_++] - '0');
    }
    return number;
  }

  std::string text_;
  std::map<char, int64_t> values_;
  size_t at_ = 0;
};

TEST(HeadCounts, CountsForBertLargeAreThePublishedOnesToTheUnit) {
  const std::map<std::string, int64_t> published = {{"1xn-cnn", 332802},
                                                    {"1xn-cnn-dilated", 404610},
                                                    {"1xn-cnn-nodropout", 332802},
                                                    {"learned-pooling", 2076},
                                                    {"lp-1xn-cnn", 311324},
                                                    {"avg-1xn-cnn", 311298},
                                                    {"adapter-64-shared", 68802},
                                                    {"adapter-64-shared-skip", 70850},
                                                    {"adapter-64-unshared", 1643202},
                                                    {"adapter-64-unshared-skip", 1645250},
                                                    {"adapter-386-shared", 414952},
                                                    {"adapter-386-shared-skip", 417000},
                                                    {"adapter-386-unshared", 9910552},
                                                    {"adapter-386-unshared-skip", 9912600},
                                                    {"lp-adapter-386", 398498},
                                                    {"adapter-386-shared-lp-branch", 811400},
                                                    {"lp-adapter-1xn-cnn", 693534},
                                                    {"lp-adapter-nxn-cnn", 1113822},
                                                    {"lp-adapter-inception", 6681422},
                                                    {"lp-adapter-inception-tokens", 6681422},
                                                    {"lp-adapter-xception-mod", 6601726},
                                                    {"ap-squad", 412802},
                                                    {"last-layer", 2050},
                                                    {"tiny-tenney", 2077},
                                                    {"adapter-tenney", 398499},
                                                    {"adapter-mean", 398472},
                                                    {"xception-abbr", 267010},
                                                    {"xception-abbr-cls", 269058},
                                                    {"xception-full", 20716634},
                                                    {"xception-full-max", 20716634},
                                                    {"cls-last-layer", 2050},
                                                    {"ap", 950402}};
  std::map<std::string, int64_t> ours;
  for (const HeadEntry& entry : HeadRegistry()) {
    BackboneDims dims = DimsFor(entry.kind, kBertLarge);
    if (entry.kind == HeadKind::kText) dims.tokens = 128;
    if (entry.name != "detect-parts") ours[entry.name] = entry.parameters(dims);
  }
  EXPECT_EQ(ours, published);
}

TEST(HeadCounts, CountsOfPublishedRunsOnBertBaseAndLarge) {
  struct Run {
    const char* head;
    BackboneDims dims;  // L, H, C, T, d
    int64_t parameters;
  };
  const std::vector<Run> runs = {
      {"ap", {13, 768, 2, 128, 128}, 524418}, {"ap", {13, 768, 3, 128, 0}, 737411},
      {"ap", {13, 768, 1, 128, 0}, 311425},   {"ap", {13, 768, 2, 121, 32}, 125282},
      {"ap", {13, 768, 2, 128, 32}, 131106},  {"ap", {13, 768, 2, 128, 16}, 65554},
      {"ap", {13, 768, 2, 250, 8}, 58154},    {"ap", {13, 768, 2, 250, 0}, 1817252},
      {"ap", {25, 1024, 3, 128, 0}, 1360003}, {"ap", {25, 1024, 2, 250, 0}, 3381252},
      {"ap-squad", {13, 768}, 305282},        {"detect-parts", {13, 768, 2, 128, 0}, 534658}};
  for (const Run& run : runs) {
    EXPECT_EQ(FindHead(run.head, run.dims).parameters(run.dims), run.parameters) << run.head;
  }
}

TEST(HeadCounts, RunningStatisticsCountAsPublishedAndAreNotTrained) {
  for (const auto& [name, trainable] :
       {std::pair("xception-abbr", 264066), std::pair("xception-abbr-cls", 266114),
        std::pair("xception-full", 20662106)}) {
    const auto head = BuildHead(name, {26, 1024}, HeadInit::SizesOnly());
    EXPECT_EQ(head->TrainableCount(), trainable);
  }
}

int64_t WidthIn(const std::string& name, const BackboneDims& dims) {
  for (const int64_t width : {64, 386}) {
    if (name.find(std::to_string(width)) != std::string::npos) return width;
  }
  if (dims.width > 0) return dims.width;
  if (name == "ap") return dims.tokens;
  if (name == "ap-squad") return dims.tokens > 0 ? dims.tokens : 384;
  return name == "detect-parts" ? 128 : 386;
}

TEST(HeadCounts, CountFormulaOutlineAndBuiltParametersAgree) {
  for (const BackboneDims& span_dims :
       {BackboneDims{4, 12, 2, 8, 20}, BackboneDims{7, 384, 2, 16, 0}, BackboneDims{1, 9, 2, 5, 3}}) {
    for (const HeadEntry& entry : test::AllHeads()) {
      if (entry.name.starts_with("layer-") && entry.name > Cat("layer-", span_dims.layers - 1)) continue;
      BackboneDims dims = DimsFor(entry.kind, span_dims);
      if (entry.kind != HeadKind::kSpan) dims.outputs = 3;
      const int64_t count = entry.parameters(dims);
      EXPECT_EQ(Formula(entry.formula, {{'L', dims.layers},
                                        {'H', dims.hidden},
                                        {'d', WidthIn(entry.name, dims)},
                                        {'T', dims.tokens},
                                        {'C', dims.outputs}})
                    .Value(),
                count)
          << entry.name << ": " << entry.formula;
      EXPECT_EQ(entry.outline(dims, 7).parameters(), count) << entry.name;
      if (count >= 1'000'000) continue;  // takes its time to draw
      EXPECT_EQ(entry.build(dims, 1)->ParameterCount(), count) << entry.name;
    }
  }
}

}  // namespace
}  // namespace bv
