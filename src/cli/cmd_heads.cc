// bertvision heads: the zoo of heads, with what each costs on a backbone, or one of them explained.
#include <iostream>
#include <memory>

#include "cli/head_list.h"
#include "cli/verbs.h"

namespace bv::cli {
namespace {

struct HeadsOptions {
  std::string head;
  HeadListRequest request{.backbone = "minilm", .config = {}};
  bool json = false;
};

void Heads(const HeadsOptions& values) {
  HeadListRequest request = values.request;
  request.config = BackboneConfig(request.backbone);
  if (values.json) {
    std::cout << (values.head.empty() ? HeadListJson(request) : HeadPageJson(request, values.head)).dump(2)
              << "\n";
  } else {
    std::cout << (values.head.empty() ? HeadListText(request) : HeadPageText(request, values.head));
  }
}

}  // namespace

Action DeclareHeads(Options& options) {
  auto values = std::make_shared<HeadsOptions>();
  HeadListRequest& request = values->request;
  options.Text("HEAD", &values->head, "explain this one: layers, shapes, costs, how its parameters start");
  options
      .Text("--backbone", &request.backbone,
            "whose sizes count: bert-base, bert-large, minilm, a Hugging Face folder or a cached hub name")
      .Shown("MODEL");
  options.Integer("--tokens", &request.tokens, 1, 100'000,
                  "of a window, for costs, and the places of heads that have a weight for each");
  options.Integer("--batch-size", &request.windows, 1, 1 << 16, "windows a step, for the memory of training");
  options.Integer("--outputs", &request.outputs, 1, 100'000, "of heads that classify; 1: regression");
  options.Json(&values->json);
  options.Note(
      "In train, --head all means every span head but the layer-<k> probes and reproductions of failures;\n"
      "--head layers means the probes.\n"
      "Examples: bertvision heads --backbone bert-large\n"
      "          bertvision heads lp-1xn-cnn --backbone bert-large");
  return [values] { Heads(*values); };
}

}  // namespace bv::cli
