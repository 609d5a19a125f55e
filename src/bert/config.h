// What config.json says of a BERT. A plain value; nothing here sees torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace bv {

struct BertConfig {
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t num_layers = 0;  // encoder layers; states have one more, the embeddings
  int64_t num_heads = 0;
  int64_t intermediate_size = 0;
  int64_t max_positions = 0;
  int64_t type_vocab_size = 0;
  double layer_norm_eps = 1e-12;
  std::string hidden_act = "gelu";
  double hidden_dropout = 0.1;
  double attention_dropout = 0.1;
  // Sequence classification: names of the classes by index (id2label; empty where the file names none), one
  // alone for a regression; the dropout before the output.
  std::vector<std::string> labels;
  bool regression = false;
  double classifier_dropout = 0.1;
  std::string architecture;  // the first of "architectures", or empty
  std::string json;          // the file as it was read; written back with what we changed

  int64_t state_layers() const { return num_layers + 1; }
};

// Reads folder/config.json. Errors: kData for missing, mistyped or inconsistent values; kUnsupported for
// other architectures (RoBERTa, DistilBERT, …) and options (relative positions, decoders), which are named.
BertConfig ReadBertConfig(const std::filesystem::path& folder);

}  // namespace bv
