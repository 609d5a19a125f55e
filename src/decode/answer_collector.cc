#include "decode/answer_collector.h"

#include <algorithm>

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"

namespace bv {

AnswerCollector::AnswerCollector(const QaData& data, int64_t systems) : data_(data), systems_(systems) {}

void AnswerCollector::Add(const WindowPlaceInData& place, std::span<const ByteRange> ranges,
                          std::span<const std::span<const float>> logits) {
  if (place.example < 0 || static_cast<size_t>(place.example) >= data_.examples.size()) {
    throw Error(ErrorKind::kData,
                Cat("window ", place.number, " belongs to question ", place.example, ", the data has ",
                    data_.examples.size(), "; windows and questions come from different files"));
  }
  Entry entry = {place, {ranges.begin(), ranges.end()}, {}};
  const size_t pieces = ranges.size();
  entry.logits.resize(logits.size() * 2 * pieces);
  for (size_t s = 0; s < logits.size(); ++s) {
    float* starts = entry.logits.data() + s * 2 * pieces;
    for (size_t i = 0; i < pieces; ++i) {
      starts[i] = logits[s][2 * i];
      starts[pieces + i] = logits[s][2 * i + 1];
    }
  }
  entries_.push_back(std::move(entry));
}

std::vector<DecodedAnswer> AnswerCollector::Decode(int64_t system, const DecodeOptions& options,
                                                   int threads) const {
  if (system < 0 || system >= systems_) throw Error(ErrorKind::kInternal, Cat("no system ", system));
  std::vector<std::vector<const Entry*>> by_example(data_.examples.size());
  for (const Entry& entry : entries_) by_example[static_cast<size_t>(entry.place.example)].push_back(&entry);
  std::vector<DecodedAnswer> answers(by_example.size());
  constexpr int64_t kGrain = 64;
  ParallelRanges(static_cast<int64_t>(by_example.size()), kGrain, threads, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      const QaExample& example = data_.examples[i];
      auto& windows = by_example[i];
      if (windows.empty())
        throw Error(ErrorKind::kData, Cat("question ", Quoted(example.id), " has no window"));
      std::sort(windows.begin(), windows.end(),
                [](const Entry* a, const Entry* b) { return a->place.number < b->place.number; });
      std::vector<WindowLogits> logits;
      for (const Entry* entry : windows) {
        const size_t pieces = entry->ranges.size();
        const float* starts = entry->logits.data() + static_cast<size_t>(system) * 2 * pieces;
        logits.push_back({.start = {starts, pieces},
                          .end = {starts + pieces, pieces},
                          .ranges = entry->ranges,
                          .context_begin = entry->place.context_begin,
                          .context_end = entry->place.context_end});
      }
      answers[i] = DecodeQuestion(data_.Context(example), logits, options);
    }
  });
  return answers;
}

SquadScores ScoreAnswers(const QaData& data, const std::vector<DecodedAnswer>& answers,
                         double null_threshold) {
  Predictions best;
  NullOdds odds;
  for (size_t i = 0; i < answers.size(); ++i) {
    const std::string& id = data.examples[i].id;
    // The scorer applies the threshold itself, so that it can also search over all others.
    best[id] = data.has_impossible ? answers[i].best_text : answers[i].text;
    odds.emplace_back(id, answers[i].null_odds);
  }
  return ScoreSquad(data, best, &odds, null_threshold);
}

}  // namespace bv
