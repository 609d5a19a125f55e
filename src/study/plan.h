// What a plan asks for: the TOML file of `bertvision study` (docs/studies.md) as plain values. Checked here:
// keys, types, ranges, names that become folders. Not checked here: options that are handed on to verbs, and
// names of heads. Nothing here touches any file but the plan's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace bv::study {

// Which of a backbone's states a head reads.
enum class States {
  kTokens,  // of all tokens
  kRows,    // of [CLS] alone, with the pooled one (extract --cls-only)
};

struct HeadGroup {
  std::vector<std::string> names;  // as train --head takes them
  std::string label;               // part of the folder; may be empty
  std::optional<States> states;    // not given: what the heads read
  std::vector<int64_t> seeds;      // empty: the recipe's, else 1
  std::vector<double> fractions = {1};
  std::vector<double> checkpoints;  // epochs; empty: all of the experiment
  Json options = Json::object();    // further options of train
};

struct EnsemblePlan {
  std::string name;
  std::vector<std::string> members;  // heads, "bert", "heads"
  std::vector<double> checkpoints;   // empty: wherever all members are
  Json options = Json::object();
};

struct TransferPlan {
  std::vector<std::string> heads;
  double from = 0;
  std::vector<double> to;
};

struct AnalysisPlan {
  std::vector<std::string> what;    // as analyze --what takes them
  std::vector<double> checkpoints;  // empty: all of the experiment
  Json options = Json::object();
};

struct Experiment {
  std::string name;
  std::string model = "minilm";
  std::string train, dev;
  Json data = Json::object();  // options that finetune and extract share
  std::vector<double> checkpoints = {0};
  std::vector<int64_t> seeds;  // of fine-tuning; empty: the recipe's, else 1
  Json finetune = Json::object(), extract = Json::object(), report = Json::object();
  std::vector<HeadGroup> heads;
  std::vector<EnsemblePlan> ensembles;
  std::vector<TransferPlan> transfers;
  std::optional<AnalysisPlan> analyses;

  // Epochs of fine-tuning; 0 where there is none.
  double longest() const;
};

struct Plan {
  std::string file;  // for errors
  std::string title;
  std::filesystem::path out;  // empty: not in the plan
  bool delete_stores = false;
  std::vector<Experiment> experiments;
};

// Errors (kUsage): no valid TOML, unknown keys (with the nearest known ones), missing ones, wrong types and
// values, each with the table it is in.
Plan ReadPlan(const std::filesystem::path& file);
Plan ParsePlan(const std::string& text, const std::string& file);

}  // namespace bv::study
