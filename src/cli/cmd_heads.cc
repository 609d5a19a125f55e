// bertvision heads: the zoo of heads, with what each costs on a backbone.
#include <iostream>
#include <memory>

#include "cli/head_list.h"
#include "cli/verbs.h"

namespace bv::cli {
namespace {

struct HeadsOptions {
  std::string backbone = "minilm";
  bool json = false;
};

void Heads(const HeadsOptions& values) {
  const BertConfig config = BackboneConfig(values.backbone);
  if (values.json) {
    std::cout << HeadListJson(config).dump(2) << "\n";
  } else {
    std::cout << HeadListText(values.backbone, config);
  }
}

}  // namespace

Action DeclareHeads(Options& options) {
  auto values = std::make_shared<HeadsOptions>();
  options
      .Text("--backbone", &values->backbone,
            "whose sizes count: bert-base, bert-large, minilm, a Hugging Face folder or a cached hub name")
      .Shown("MODEL");
  options.Json(&values->json);
  options.Note(
      "In train, --head all means every head but the layer-<k> probes; --head layers means those.\n"
      "Example: bertvision heads --backbone bert-large");
  return [values] { Heads(*values); };
}

}  // namespace bv::cli
