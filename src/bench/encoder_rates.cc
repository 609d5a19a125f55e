#include "bench/encoder_rates.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "bench/made_windows.h"
#include "states/extract.h"

namespace bv::bench {
namespace {

using kernels::Linear;

constexpr uint64_t kSeed = 1;
// Samples of a data file that is too large to be computed whole.
constexpr size_t kSamples = 3;

double Real(int64_t value) {
  return static_cast<double>(value);
}

using WindowRefs = std::vector<const Window*>;

int64_t TokensOf(const std::vector<WindowRefs>& batches) {
  int64_t tokens = 0;
  for (const WindowRefs& batch : batches) {
    for (const Window* window : batch) tokens += static_cast<int64_t>(window->ids.size());
  }
  return tokens;
}

std::vector<WindowRefs> Batches(const std::vector<Window>& windows, int64_t batch_tokens) {
  std::vector<WindowRefs> batches;
  for (const auto& numbers : BatchesAtRandom(windows, batch_tokens)) {
    WindowRefs& batch = batches.emplace_back();
    for (const int64_t number : numbers) batch.push_back(&windows[static_cast<size_t>(number)]);
  }
  return batches;
}

// Tokens a second over these batches.
double RateOf(const WindowStates& states, const std::vector<WindowRefs>& batches) {
  const double seconds = SecondsOf([&] {
    for (const WindowRefs& batch : batches) states.Compute(batch);
  });
  return Real(TokensOf(batches)) / seconds;
}

// `count` batches in all.
void MeasureSamples(const WindowStates& states, const std::vector<WindowRefs>& batches, size_t count,
                    EncoderRate* rate) {
  const std::vector<size_t> numbers = SpreadSample(batches.size(), count);
  size_t windows = 0;
  for (size_t sample = 0; sample < kSamples; ++sample) {
    std::vector<WindowRefs> chosen;
    for (size_t i = sample; i < numbers.size(); i += kSamples) chosen.push_back(batches[numbers[i]]);
    rate->tokens_per_second.values.push_back(RateOf(states, chosen));
    rate->tokens += TokensOf(chosen) / static_cast<int64_t>(kSamples);
    for (const WindowRefs& batch : chosen) windows += batch.size();
  }
  rate->windows = static_cast<int64_t>(windows / kSamples);
}

double MultiplyAddsPerToken(const BertConfig& config, int64_t length) {
  return LinearMultiplyAdds(config.num_layers, config.hidden_size, config.intermediate_size) +
         AttentionMultiplyAdds(config.num_layers, config.hidden_size, length);
}

}  // namespace

double ProductLimit::MultiplyAddsPerSecond() const {
  double multiply_adds = 0, seconds = 0;
  for (size_t i = 0; i < shapes.size(); ++i) {
    multiply_adds += shapes[i].multiply_adds();
    seconds += 1 / rows_per_second[i].median();
  }
  return multiply_adds / seconds;
}

ProductLimit MeasureProducts(const BertConfig& config, Precision precision, int64_t rows,
                             const Effort& effort) {
  const at::NoGradGuard no_grad;
  ProductLimit limit;
  limit.rows = rows;
  limit.shapes = LayerProducts(config.hidden_size, config.intermediate_size);
  const auto dtype = precision == Precision::kFp32 ? at::kFloat : at::kBFloat16;
  constexpr double kShare = 1.0 / std::tuple_size<decltype(limit.shapes)>::value;
  for (size_t i = 0; i < limit.shapes.size(); ++i) {
    const auto [in, out] = limit.shapes[i];
    // Not zeros, which some processors multiply at another clock.
    const Linear product = Linear::Packed((at::rand({out, in}) - 0.5) / 5, at::zeros({out}), precision);
    const at::Tensor x = (at::rand({rows, in}) - 0.5).to(dtype);
    limit.rows_per_second[i] =
        Measure(effort.Share(kShare), [&] { return Real(rows) / SecondsOf([&] { product(x); }); });
  }
  return limit;
}

double EncoderRate::ShareOf(const ProductLimit& limit) const {
  return tokens_per_second.median() * multiply_adds_per_token / limit.MultiplyAddsPerSecond();
}

double MultiplyAdds(const BertConfig& config, const std::vector<Window>& windows) {
  double sum = 0;
  for (const Window& window : windows) {
    const auto length = static_cast<int64_t>(window.ids.size());
    sum += Real(length) * MultiplyAddsPerToken(config, length);
  }
  return sum;
}

int64_t BatchTokens(const WindowStates& states, const BertConfig& config, int64_t length, double seconds) {
  const auto window = MadeUpWindows(config, length, 1, kSeed);
  const double rate = Measure({0}, [&] { return RateOf(states, {{window.data()}}); }).median();
  const auto within = static_cast<int64_t>(std::min(rate * seconds, Real(kExtractBatchTokens)));
  return std::max(within, length);
}

EncoderRate MeasureLength(const WindowStates& states, const BertConfig& config, int64_t length,
                          int64_t batch_tokens, const Effort& effort) {
  EncoderRate rate;
  rate.windows = std::max<int64_t>(1, batch_tokens / length);
  rate.tokens = rate.windows * length;
  rate.multiply_adds_per_token = MultiplyAddsPerToken(config, length);
  const auto windows = MadeUpWindows(config, length, rate.windows, kSeed);
  WindowRefs batch;
  for (const Window& window : windows) batch.push_back(&window);
  rate.tokens_per_second = Measure(effort, [&] { return RateOf(states, {batch}); });
  return rate;
}

EncoderRate MeasureWindows(const WindowStates& states, const BertConfig& config,
                           const std::vector<Window>& windows, int64_t batch_tokens, const Effort& effort) {
  EncoderRate rate;
  const std::vector<WindowRefs> batches = Batches(windows, batch_tokens);
  if (batches.empty()) return rate;
  const int64_t tokens = TokensOf(batches);
  rate.multiply_adds_per_token = MultiplyAdds(config, windows) / Real(tokens);
  // The first timing warms up; the second one tells how much there is time for.
  double first_rate = 0;
  const double spent = SecondsOf([&] {
    for (int i = 0; i < 2; ++i) first_rate = RateOf(states, {batches[batches.size() / 2]});
  });
  const double left = std::max(0.0, effort.seconds - spent), of_all = Real(tokens) / first_rate;
  if (batches.size() <= kSamples || 2 * of_all <= left) {
    rate.windows = static_cast<int64_t>(windows.size());
    rate.tokens = tokens;
    rate.tokens_per_second = Measure({left, effort.repeats}, [&] { return RateOf(states, batches); });
  } else {
    const auto fit = static_cast<size_t>(Real(static_cast<int64_t>(batches.size())) * left / of_all);
    MeasureSamples(states, batches, std::max(fit, kSamples), &rate);
  }
  return rate;
}

}  // namespace bv::bench
