// bertvision analyze: what runs get right and wrong, and why, from what they left behind.
#include <algorithm>
#include <iostream>
#include <memory>

#include "analysis/analyses.h"
#include "analysis/layer_ablation.h"
#include "analysis/layers.h"
#include "analysis/text_analyses.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/system_options.h"
#include "cli/verbs.h"
#include "device/machine.h"

namespace bv::cli {
namespace {

constexpr const char* kLayers = "layers";
constexpr const char* kAblation = "layer-ablation";

struct AnalyzeFlags {
  std::vector<fs::path> runs;
  std::vector<std::string> what = {"all"};
  fs::path data, states, out;
  std::string substitute = "mean", format = "text";
  int64_t bins = 10, resamples = BootstrapOptions().resamples, seed = 0;
  int32_t threads = 0;
  bool allow_other_backbone = false, json = false;
};

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> KnownNames() {
  std::vector<std::string> names;
  for (const Analysis& analysis : Analyses()) names.emplace_back(analysis.name);
  for (const TextAnalysis& analysis : TextAnalyses()) {
    if (!Holds(names, analysis.name)) names.emplace_back(analysis.name);
  }
  names.insert(names.end(), {kLayers, kAblation, "all"});
  return names;
}

void CheckUsage(const AnalyzeFlags& flags, const Options& options) {
  const std::vector<std::string> known = KnownNames();
  for (const std::string& name : flags.what) {
    if (!Holds(known, name)) {
      throw Error(ErrorKind::kUsage, Cat("--what: unknown analysis ", Quoted(name), "; nearest: ",
                                         Nearest(name, known, 1).front(), ". Known: ", Join(known, ", ")));
    }
  }
  if (Holds(flags.what, kAblation) && flags.states.empty())
    throw Error(ErrorKind::kUsage, "--what layer-ablation needs --states, the store to score on");
  if (!Holds(flags.what, kAblation) && !Holds(flags.what, "all") && !flags.states.empty())
    throw Error(ErrorKind::kUsage, "--states is given without --what layer-ablation, which it goes with");
  for (const char* name : {"--substitute", "--allow-other-backbone"}) {
    if (flags.states.empty() && options.Given(name))
      throw Error(ErrorKind::kUsage, Cat(name, " is given without --states, which it goes with"));
  }
}

AnalysisOptions OptionsOf(const AnalyzeFlags& flags) {
  AnalysisOptions options;
  options.bins = static_cast<int>(flags.bins);
  options.bootstrap.resamples = flags.resamples;
  options.bootstrap.seed = static_cast<uint64_t>(flags.seed);
  return options;
}

// What was asked for; with "all", what the runs can give.
class Work {
 public:
  explicit Work(const AnalyzeFlags& flags) : flags_(flags), all_(Holds(flags.what, "all")) {}

  std::vector<Finding> Do() {
    FromLogits();
    if (Asked(kLayers)) FromWeights();
    if (!flags_.states.empty()) FromStates();
    return std::move(findings_);
  }

 private:
  bool Asked(const std::string& name) const { return all_ || Holds(flags_.what, name); }

  void FromLogits() {
    const auto of_logits = [](const std::string& name) { return name != kLayers && name != kAblation; };
    if (std::none_of(flags_.what.begin(), flags_.what.end(), of_logits)) return;
    AreTextRuns(flags_.runs) ? FromTextLogits() : FromSpanLogits();
  }

  // An analysis of the other kind of runs, asked for by name.
  template <typename List>
  void RefuseOthers(const List& list, const char* of) const {
    std::vector<std::string> names = {kLayers, kAblation, "all"};
    for (const auto& analysis : list) names.emplace_back(analysis.name);
    for (const std::string& name : flags_.what) {
      if (!Holds(names, name)) {
        throw Error(ErrorKind::kUsage, Cat("--what ", name, ": the runs are of ", of,
                                           ", for which there are ", Join(names, ", ")));
      }
    }
  }

  void FromTextLogits() {
    if (!flags_.data.empty())
      throw Error(ErrorKind::kUsage,
                  "--data is given, but runs of labels or values keep both beside their logits");
    const TextRunSet set = LoadTextRuns(flags_.runs);
    RefuseOthers(TextAnalyses(), "labels or values");
    RequireLabels(set);
    for (const TextAnalysis& analysis : TextAnalyses()) {
      if (!Asked(analysis.name)) continue;
      if (analysis.classes_only && !set.of_classes()) {
        if (Holds(flags_.what, analysis.name)) {
          throw Error(ErrorKind::kUsage,
                      Cat("--what ", analysis.name, ": the runs are of the task ", set.task().name,
                          ", a regression, which has values and no classes"));
        }
        continue;
      }
      const bool possible = set.runs.size() >= analysis.least_runs;
      if (possible || !all_) findings_.push_back(analysis.make(set, OptionsOf(flags_)));
    }
  }

  void FromSpanLogits() {
    RefuseOthers(Analyses(), "answers");
    const RunSet set = LoadRuns(flags_.runs, flags_.data, flags_.threads);
    RequireScores(set);
    for (const Analysis& analysis : Analyses()) {
      const bool possible = set.runs.size() >= analysis.least_runs;
      if (Asked(analysis.name) && (possible || !all_))
        findings_.push_back(analysis.make(set, OptionsOf(flags_)));
    }
  }

  void FromWeights() {
    const std::vector<HeadLayers> heads = ReadHeadLayers(flags_.runs);
    const bool any = std::any_of(heads.begin(), heads.end(), [](const HeadLayers& head) {
      return head.probe || !head.pooling.empty() || !head.adapter.empty() || !head.output.empty();
    });
    if (any) {
      findings_.push_back(LayersFinding(heads));
    } else if (!all_) {
      throw Error(ErrorKind::kData,
                  "--what layers: no head among the runs has weights for single layers, and "
                  "none is a probe (layer-<k>)");
    }
  }

  void FromStates() {
    const std::vector<HeadLayers> heads = ReadHeadLayers(flags_.runs);
    if (heads.empty()) throw Error(ErrorKind::kData, "--what layer-ablation: no head is among the runs");
    LayerAblationOptions options;
    options.substitute = flags_.substitute == "zero" ? LayerSubstitute::kZero : LayerSubstitute::kMean;
    options.allow_other_backbone = flags_.allow_other_backbone;
    options.threads = flags_.threads;
    std::vector<LayerAblation> ablations;
    for (const HeadLayers& head : heads) {
      ablations.push_back(AblateLayers(head.folder, flags_.states, options, WindowsBar("analyze")));
      ablations.back().run = head.name;
    }
    findings_.push_back(LayerAblationFinding(ablations));
  }

  const AnalyzeFlags& flags_;
  bool all_;
  std::vector<Finding> findings_;
};

std::string Text(const std::vector<Finding>& findings, TableFormat format) {
  std::string text;
  for (const Finding& finding : findings) {
    if (!text.empty()) text += "\n";
    const char* mark = format == TableFormat::kMarkdown ? "## " : format == TableFormat::kLatex ? "% " : "";
    text += Cat(mark, finding.title, "\n", format == TableFormat::kMarkdown ? "\n" : "",
                finding.table.Print(format));
  }
  return text;
}

std::string JsonText(const std::vector<Finding>& findings) {
  OrderedJson json = OrderedJson::object();
  for (const Finding& finding : findings) json[finding.name] = finding.json;
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

void Analyze(const AnalyzeFlags& flags, const Options& options) {
  CheckUsage(flags, options);
  UseThreads(flags.threads);
  const std::vector<Finding> findings = Work(flags).Do();
  if (!flags.out.empty()) {
    MakeFolder(flags.out);
    WriteFileAtomically(flags.out / "analysis.md", Text(findings, TableFormat::kMarkdown));
    WriteFileAtomically(flags.out / "analysis.json", JsonText(findings));
    LogInfo(Cat("analysis.json and analysis.md are in ", flags.out.string()));
  }
  std::cout << (flags.json ? JsonText(findings) : Text(findings, ParseTableFormat(flags.format)));
}

}  // namespace

Action DeclareAnalyze(Options& options) {
  auto flags = std::make_shared<AnalyzeFlags>();
  options
      .Paths("--runs", &flags->runs,
             "on the same windows of the same questions; a folder of runs stands for all in it; others are "
             "compared with the first")
      .Required()
      .Shown("FOLDER,…");
  options.Texts("--what", &flags->what, "which analyses, listed below; all: whatever these runs can give")
      .Shown("NAME,…");
  options.Path("--data", &flags->data, "the questions, if they are not where the runs say").Shown("FILE");
  options.Path("--states", &flags->states, "for layer-ablation: the store to score heads on").Shown("STORE");
  options.Choice("--substitute", &flags->substitute, {"mean", "zero"},
                 "for layer-ablation: a layer's states become its mean over the store, or zeros");
  options.Flag("--allow-other-backbone", &flags->allow_other_backbone,
               "for layer-ablation: the store may be of a backbone that the head was not trained on");
  options.Integer("--bins", &flags->bins, 1, 1000, "of the calibration");
  options.Integer("--resamples", &flags->resamples, 1, 1'000'000, "of the intervals of compare");
  options.Integer("--seed", &flags->seed, 0, kNoLimit, "of the bootstrap");
  options.Choice("--format", &flags->format, TableFormatNames(), "of the tables");
  options.Path("--out", &flags->out, "also write analysis.json and analysis.md there").Shown("FOLDER");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  const auto described = [](const auto& analysis) {
    return Cat("  ", analysis.name, std::string(16 - std::string_view(analysis.name).size(), ' '),
               analysis.summary, "\n");
  };
  std::string list = "Analyses of answers:\n";
  for (const Analysis& analysis : Analyses()) list += described(analysis);
  list += "Of labels and values:\n";
  for (const TextAnalysis& analysis : TextAnalyses()) list += described(analysis);
  list += "Of heads:\n";
  list +=
      "  layers          weights that heads have learned for layers, and what probes of layers reach\n"
      "  layer-ablation  what heads lose when a layer's states are taken away (needs --states)";
  options.Note(list);
  options.Note("Example: bertvision analyze --runs runs/ft/epoch-1,runs/heads --out runs/analysis");
  return [flags, &options] { Analyze(*flags, options); };
}

}  // namespace bv::cli
