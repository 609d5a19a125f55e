#include "cli/extract_certificate.h"

#include <algorithm>

#include "base/error.h"
#include "base/rng.h"
#include "base/strings.h"
#include "base/temporary_folder.h"
#include "report/table.h"

namespace bv::cli {
namespace {

// Examples whose states are computed.
constexpr int64_t kMostExamples = 768, kFewestExamples = 6;
// Bytes of all temporary stores: a wide backbone gets a smaller sample.
constexpr int64_t kMostBytes = int64_t{4} << 30;

// At random. Of questions only those that have an answer: a small head learns little from the others but to
// give none.
std::vector<int64_t> Candidates(const TaskExamples& examples) {
  std::vector<int64_t> numbers = Permutation(examples.size(), SubSeed(0, "certificate"));
  const QaData& questions = examples.questions;
  if (examples.task.of_spans() && examples.labelled())
    std::erase_if(numbers, [&](int64_t i) { return questions.examples[static_cast<size_t>(i)].impossible; });
  return numbers;
}

int64_t SampleSize(const CertificateRequest& request, int64_t all) {
  if (all < kFewestExamples) {
    throw Error(ErrorKind::kUsage, Cat("int8 is tried on a sample first, for which ", all,
                                       " examples are too few; use bf16 instead, or --max-cost 100"));
  }
  StoreInfo exact = request.info;
  exact.codec = Codec::kF32;
  const int64_t fit = kMostBytes / std::max<int64_t>(1, ForecastBytes(exact) / request.examples.size());
  return std::clamp(std::min(kMostExamples, fit), kFewestExamples, std::max(all / 2, kFewestExamples));
}

}  // namespace

RoundingCost Certify(const CertificateRequest& request) {
  const std::vector<int64_t> order = Candidates(request.examples);
  const int64_t size = SampleSize(request, static_cast<int64_t>(order.size()));
  const auto third = static_cast<std::ptrdiff_t>(size / 3), end = static_cast<std::ptrdiff_t>(size);
  const TaskExamples held_out = PickExamples(request.examples, {order.begin(), order.begin() + third});
  const TaskExamples train = PickExamples(request.examples, {order.begin() + third, order.begin() + end});
  const TemporaryFolder scratch(request.scratch);
  StoreInfo exact = request.info;
  exact.precision = request.exact_precision;
  exact.codec = exact.precision == "fp32" ? Codec::kF32 : Codec::kBf16;
  request.extract(train, exact, scratch.path() / "train");
  request.extract(held_out, exact, scratch.path() / "exact");
  request.extract(held_out, request.info, scratch.path() / "rounded");
  return MeasureRounding(scratch.path() / "train", scratch.path() / "exact", scratch.path() / "rounded",
                         request.threads);
}

std::string CertificateText(const RoundingCost& cost, const std::vector<int32_t>& layers) {
  Table table({{"layer"}, {"error of int8, %", Align::kRight, 3}});
  for (size_t i = 0; i < layers.size(); ++i)
    table.AddRow({static_cast<int64_t>(layers[i]), 100 * cost.layer_errors[i]});
  std::string text = table.Print(TableFormat::kText);
  if (cost.head.empty())
    return text + Cat("on ", Thousands(cost.held_out), " windows; without labels no head is trained\n");
  return text + Cat("head ", cost.head, ", trained on ", Thousands(cost.trained), " windows: ", cost.metric,
                    " ", Fixed(cost.exact, 2), " on ", Thousands(cost.held_out),
                    " held-out windows, by int8 ", Fixed(cost.rounded, 2),
                    cost.same ? Cat("; ", Fixed(100 * *cost.same, 1), " % of the answers stay the same") : "",
                    "\n");
}

OrderedJson CertificateJson(const RoundingCost& cost, const std::vector<int32_t>& layers) {
  OrderedJson json = {
      {"layers", layers}, {"layer_errors", cost.layer_errors}, {"held_out_windows", cost.held_out}};
  if (cost.head.empty()) return json;
  json["head"] = cost.head;
  json["trained_windows"] = cost.trained;
  json["metric"] = cost.metric;
  json["exact"] = cost.exact;
  json["int8"] = cost.rounded;
  if (cost.same) json["same_answers"] = *cost.same;
  return json;
}

void RequireCost(const RoundingCost& cost, double most) {
  // A score may be undefined (NaN), as Matthews' of a head that always says the same: that tells nothing.
  const bool too_much = cost.cost() > most;
  if (cost.head.empty() || !too_much) return;
  throw Error(ErrorKind::kUnsupported,
              Cat("int8 costs the head ", cost.head, " ", Fixed(cost.cost(), 2), " points of ", cost.metric,
                  " on a sample, --max-cost is ", most, "; use bf16 instead, or allow more"));
}

}  // namespace bv::cli
