#include "cli/verbs.h"

namespace bv::cli {

// One line a verb, in the order of work: declared here, defined in cmd_<verb>.cc.
Action DeclareFetch(Options&);
Action DeclareTokenize(Options&);
Action DeclareInspect(Options&);
Action DeclareFinetune(Options&);
Action DeclareExtract(Options&);
Action DeclareTrain(Options&);
Action DeclareEval(Options&);
Action DeclarePredict(Options&);
Action DeclareEnsemble(Options&);
Action DeclareAnalyze(Options&);
Action DeclareReport(Options&);
Action DeclareStudy(Options&);
Action DeclareHeads(Options&);
Action DeclareVerify(Options&);
Action DeclareBench(Options&);

const std::vector<Verb>& Verbs() {
  static const std::vector<Verb> verbs = {
      {"fetch", "models and data sets from their public homes into the cache", DeclareFetch},
      {"tokenize", "lines of text to the ids and offsets of their pieces", DeclareTokenize},
      {"inspect", "what a data file or a store holds", DeclareInspect},
      {"finetune", "train a backbone for spans, classes or a number, for fractions of an epoch or more",
       DeclareFinetune, true},
      {"extract", "states of every layer of every window into a store", DeclareExtract, true},
      {"train", "heads on the states of all layers, any number in one pass", DeclareTrain, true},
      {"eval", "official scores of a predictions file, a head or a fine-tuned model", DeclareEval, true},
      {"predict", "answers or labels of a head or a fine-tuned model", DeclarePredict, true},
      {"ensemble", "one system from the logits of several runs", DeclareEnsemble},
      {"analyze", "what runs get right and wrong, and which layers matter", DeclareAnalyze},
      {"report", "runs side by side in one table", DeclareReport},
      {"study", "a whole experiment from one plan, resumed where it ended", DeclareStudy},
      {"heads", "the zoo of heads: formulas, parameters, share of a backbone", DeclareHeads},
      {"verify", "checks a store against its checksums", DeclareVerify},
      {"bench", "what this machine does: rates of backbone, disk and heads, forecasts for a file",
       DeclareBench, true},
  };
  return verbs;
}

}  // namespace bv::cli
