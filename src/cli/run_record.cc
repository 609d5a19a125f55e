#include "cli/run_record.h"

#include "base/hash.h"
#include "device/machine.h"
#include "features/window_json.h"

namespace bv::cli {
namespace {

// After what the system is.
template <typename System>
void AddInputs(const System& system, uint64_t data_hash, OrderedJson* inputs) {
  (*inputs)["precision"] = system.precision();
  AddWindowOptions(system.windows(), inputs);
  (*inputs)["data_hash"] = Hex(data_hash);
}

}  // namespace

RunRecord NewRecord(const std::string& verb, const Options& options, int threads) {
  RunRecord record;
  record.verb = verb;
  record.command = options.command();
  record.options = options.ToJson();
  record.machine = MachineRecord(threads);
  return record;
}

RunRecord RecordOfPredictions(const std::string& verb, const Options& options, int threads,
                              const SpanSystem& system, uint64_t data_hash) {
  RunRecord record = NewRecord(verb, options, threads);
  record.inputs = {{"system", system.fingerprint()}};
  AddInputs(system, data_hash, &record.inputs);
  return record;
}

RunRecord RecordOfPredictions(const std::string& verb, const Options& options, int threads,
                              const TextSystem& system, uint64_t data_hash) {
  RunRecord record = NewRecord(verb, options, threads);
  record.inputs = {{"system", system.fingerprint()}, {"task", TaskToJson(system.task())}};
  AddInputs(system, data_hash, &record.inputs);
  return record;
}

}  // namespace bv::cli
