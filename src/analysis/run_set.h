// Runs on the same windows of the same questions, side by side: what every analysis starts from. Read from
// their logits, so no model is needed. Loading is the only place that touches files; a loaded set is plain
// data, safe to read from any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/squad.h"
#include "decode/answer_collector.h"
#include "logits/logits_file.h"

namespace bv {

struct AnalysedRun {
  std::string name;  // its folder, without what all runs have in common
  fs::path folder;
  SpanLogits logits;
  DecodeOptions decode;                // of its own evaluation
  std::vector<DecodedAnswer> answers;  // by it, one per question of the data
  std::optional<SquadScores> scores;   // where the data has gold answers
};

struct RunSet {
  QaData data;
  LogitsOrigin origin;
  std::vector<AnalysedRun> runs;
  int threads = 1;
};

// The folders with logits among those given: a folder itself, or those right below it by name. Errors: kIo
// for what is no folder; kData where there are none; kUsage for one that is named twice.
std::vector<fs::path> FindLogits(const std::vector<fs::path>& folders);

// What tells the folders apart: their paths without the leading folders that all share.
std::vector<std::string> ShortNames(const std::vector<fs::path>& folders);

// Reads the logits, checks that they are of the same windows, and decodes each run's as it did itself. data:
// the questions, if they are not where the runs say. Errors: those of FindLogits, ReadLogits,
// RequireSameWindows and ReadQuestionsOf.
RunSet LoadRuns(const std::vector<fs::path>& folders, const fs::path& data, int threads);

// Answers and, where there are gold answers, scores of logits over the set's windows.
void DecodeRun(const RunSet& set, AnalysedRun* run);

// Throws kData unless the questions have gold answers: everything but answers needs them.
void RequireScores(const RunSet& set);
const SquadScores& ScoresOf(const AnalysedRun& run);
// Whether the run's answer to each question matches a gold answer exactly.
std::vector<bool> RightAnswers(const AnalysedRun& run);

}  // namespace bv
