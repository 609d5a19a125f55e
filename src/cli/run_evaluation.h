// A run over questions, for `eval`: through its backbone, or over a store of states without one. What comes
// out can be kept as a run of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/system_options.h"
#include "decode/answer_collector.h"
#include "logits/logits_file.h"

namespace bv::cli {

struct RunEvaluation {
  std::string name;  // the run's folder
  SpanLogits logits;
  LogitsWindows windows;
  DecodeOptions decode;
  std::vector<DecodedAnswer> answers;
  std::optional<SquadScores> scores;
  std::optional<PieceScores> pieces;  // the study's own, if its decoder made the answers
  std::optional<int64_t> parameters;  // of a head
  OrderedJson inputs;                 // for run.json: what decides the logits
};

// null_threshold: in place of the run's own, if there is one.
RunEvaluation EvaluateRun(const SystemFlags& system, const QaData& data, std::optional<double> null_threshold,
                          const Options& given, int threads);
// data: the store's own questions. Errors: those of a head, a store, and of states that are not the head's.
RunEvaluation EvaluateOnStates(const SystemFlags& system, const fs::path& states, const QaData& data,
                               std::optional<double> null_threshold, const Options& given, int threads);

// Keeps it in a folder of its own: run.json, logits, predictions, results. A folder that holds the same
// evaluation already is left alone. Errors: those of RunFolder.
void KeepEvaluation(const fs::path& out, const QaData& data, const RunEvaluation& evaluation,
                    const Options& options, int threads);

}  // namespace bv::cli
