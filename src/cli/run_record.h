// What run.json says of the runs that verbs make, as far as it is the same in several of them. Reads what the
// machine is; writes nothing.
#pragma once

#include <cstdint>
#include <string>

#include "cli/options.h"
#include "pipeline/span_system.h"
#include "pipeline/text_system.h"
#include "run/run_folder.h"

namespace bv::cli {

// The verb, the command as typed, its options and the machine; seeds and inputs are the verb's to add.
RunRecord NewRecord(const std::string& verb, const Options& options, int threads);

// Of a folder of predictions, which is a run of its own: it cannot fall onto a training's, and its inputs say
// what made it and from which data.
RunRecord RecordOfPredictions(const std::string& verb, const Options& options, int threads,
                              const SpanSystem& system, uint64_t data_hash);
RunRecord RecordOfPredictions(const std::string& verb, const Options& options, int threads,
                              const TextSystem& system, uint64_t data_hash);

}  // namespace bv::cli
