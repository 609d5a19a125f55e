#include "train/head_fit.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "device/machine.h"

namespace bv {
namespace {

// One batch that is worked on and those that are read ahead.
constexpr int64_t kBatchesHeld = 3;
constexpr int64_t kStateBytes = 4;

FitRequest With(const FitRequest& request, const std::vector<std::string>& heads, int64_t windows) {
  FitRequest other = request;
  other.heads = heads;
  other.batch.windows = windows;
  return other;
}

// The largest batch that fits, 0 where one window is too much.
int64_t LargestBatch(const FitRequest& request, int64_t available) {
  int64_t fits = 0, too_many = request.batch.windows;
  while (too_many - fits > 1) {
    const int64_t middle = (fits + too_many) / 2;
    (ForecastBytes(With(request, request.heads, middle)) <= available ? fits : too_many) = middle;
  }
  return fits;
}

std::string Advice(const FitRequest& request, const std::vector<std::string>& too_large, int64_t available) {
  const int64_t windows = LargestBatch(request, available);
  std::string advice = windows > 0 ? Cat("--batch-size ", windows, " would fit") : "";
  if (request.heads.size() > too_large.size()) {
    advice += Cat(advice.empty() ? "" : ", or ",
                  too_large.empty() ? "train fewer heads at once" : "leave them out of --head");
  }
  return advice.empty() ? "a machine with more memory is needed" : advice;
}

}  // namespace

BatchSize BatchOf(const StateSource& source, int64_t windows, int64_t longest) {
  const int64_t mean = source.tokens() / std::max<int64_t>(1, source.windows());
  BatchSize batch;
  batch.windows = std::min(windows, source.windows());
  batch.longest = std::max(longest, mean);
  batch.tokens = std::min(mean + mean / 5 + 1, batch.longest);
  return batch;
}

int64_t ForecastBytes(const FitRequest& request) {
  int64_t resting = 0, step = 0;
  for (const std::string& name : request.heads) {
    const HeadMemory memory = TrainingMemory(FindHead(name, request.dims), request.dims, request.batch);
    resting += memory.resting;
    step = std::max(step, memory.step);
  }
  const int64_t states =
      request.batch.windows * request.batch.tokens * request.dims.layers * request.dims.hidden;
  return resting + step + kBatchesHeld * kStateBytes * states;
}

void RequireFit(const FitRequest& request, int64_t available) {
  const int64_t needed = ForecastBytes(request);
  if (needed <= available) return;
  std::vector<std::string> too_large, named;
  for (const std::string& name : request.heads) {
    const int64_t alone = ForecastBytes(With(request, {name}, request.batch.windows));
    if (alone <= available) continue;
    too_large.push_back(name);
    named.push_back(Cat(name, " (", HumanBytes(alone), ")"));
  }
  throw Error(ErrorKind::kUnsupported,
              Cat("training ", request.heads.size(), request.heads.size() == 1 ? " head" : " heads",
                  " with batches of ", request.batch.windows, " windows needs about ", HumanBytes(needed),
                  " of memory, ", HumanBytes(available), " are free",
                  too_large.empty() ? "" : "; too large by themselves: ", Join(named, ", "), "; ",
                  Advice(request, too_large, available)));
}

void RequireMemory(const FitRequest& request) {
  if (const auto available = AvailableMemory()) RequireFit(request, *available);
}

}  // namespace bv
