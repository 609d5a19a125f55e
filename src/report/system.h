// One system in a report: a fine-tuned checkpoint, a trained head, an ensemble, with what its run says of it.
// Plain values, filled by whoever collects runs and by ReadDetails; nothing here computes scores.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/task.h"
#include "run/results.h"
#include "run/trainer_state.h"

namespace bv {

enum class SystemKind {
  kBert,
  kHead,
  kEnsemble,
  kEvaluation,  // of a head or a model, kept by itself: on other states or data than its training's
};

// What a head takes of each layer's states, as shares of the whole.
struct LayerWeights {
  std::string what;             // "pooling", "output norm" or "adapter norm"
  std::vector<int64_t> layers;  // 0 = embeddings
  std::vector<double> weights;
};

struct ReportSystem {
  std::string name;              // its folder, without what all systems have in common
  std::filesystem::path folder;  // with predictions.json, where there is one
  std::filesystem::path run;     // with run.json and trainer_state.json; equal to folder for a head
  SystemKind kind = SystemKind::kHead;
  std::string head;               // its name in the zoo; empty for a fine-tuned BERT
  int64_t parameters = 0;         // 0 where it is no one number: an ensemble
  std::optional<double> share;    // percent of its backbone's parameters; 100 for BERT itself
  std::optional<double> seconds;  // of training
  Metrics metrics;                // eval_*
  std::filesystem::path dev;      // the dev data as the run recorded it; empty: not recorded
  // Of fine-tuning. A checkpoint's are given; those of the backbone behind a head are found by ReadDetails.
  std::optional<double> epochs;
  std::optional<LayerWeights> layer_weights;  // of a head that has weights for single layers

  // From here on by ReadDetails.
  std::vector<std::string> command;
  std::string version, precision, processor;
  std::string backbone, backbone_fingerprint;  // what the run began with
  int64_t layers = 0, hidden = 0;  // states of the backbone, embeddings included, and their width; 0: unknown
  std::string dev_hash;            // xxh3 of the dev data, 16 hexadecimal digits; empty: unknown
  double train_windows = 0;        // an epoch, as the steps tell, to within a batch; 0: unknown
  std::optional<Task> task;        // of texts; nothing for spans
  TaskOptions reading;             // how the dev data was read, as far as the run says
  std::vector<LogEntry> history;
};

const char* KindName(SystemKind kind);  // "BERT", "head", "ensemble", "eval"

// Reads run.json and trainer_state.json of every system. `epochs` of a head is found where its backbone is
// one of the checkpoints among the systems, or is the model that fine-tuning began with (0), or is named
// epoch-<E> as checkpoints are. Errors: kData for files that are damaged; files that older versions did not
// write may be missing.
void ReadDetails(std::vector<ReportSystem>* systems);

}  // namespace bv
