// The weights of a BERT under canonical names (those of Hugging Face's BertModel, without a "bert." prefix),
// read from and written to Hugging Face folders. Values; loading and saving keep no state.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bert/config.h"
#include "tensorfile/tensor_file.h"

namespace bv {

struct WeightEntry {
  std::string name;
  std::vector<int64_t> shape;
};

// Every tensor that an encoder of this configuration has, in canonical order.
std::vector<WeightEntry> EncoderTable(const BertConfig& config);

struct BertWeights {
  BertConfig config;
  std::filesystem::path folder;      // where it was read from
  std::vector<NamedTensor> encoder;  // fp32, in the order of EncoderTable
  std::vector<NamedTensor> pooler;   // pooler.dense.{weight,bias}, or empty
  // The task's layer: qa_outputs.{weight [2,H], bias [2]} on every state, classifier.{weight [C,H], bias [C]}
  // on the pooled one (config.labels are its classes), or empty.
  std::vector<NamedTensor> output;

  bool has_span_output() const { return !output.empty() && output[0].name.starts_with("qa_outputs."); }
  bool has_class_output() const { return !output.empty() && !has_span_output(); }
};

// Reads folder/{config.json, model.safetensors} or the shards of model.safetensors.index.json: F32, F16 or
// BF16, names with or without "bert.", LayerNorm's old gamma/beta, any of BERT's task models (what belongs to
// other tasks is left out). Errors (kData) name the tensors that are missing or whose shape, type or values
// are wrong; unknown ones are a warning.
BertWeights LoadBert(const std::filesystem::path& folder);

// A span output layer of zeros and small normal values (standard deviation 0.02, as BERT), by seed.
std::vector<NamedTensor> NewSpanOutput(int64_t hidden_size, uint64_t seed);

// How a new classification output starts.
enum class ClassOutputInit {
  kBert,      // normal, standard deviation 0.02
  kHeNormal,  // Keras' he_normal: normal, standard deviation sqrt(2 / H), redrawn beyond two of them (spec
              // D.7)
};
// Makes the weights those of a classifier of these labels (one: a regression): a new output layer, by seed,
// and a new pooler where there is none.
void AddClassOutput(BertWeights* weights, std::vector<std::string> labels, bool regression, uint64_t seed,
                    ClassOutputInit init = ClassOutputInit::kBert);

// Writes a folder that transformers loads as BertForQuestionAnswering (with a span output),
// BertForSequenceClassification (with one of classes) or BertModel, with the tokenizer files of
// weights.folder. Existing files of these names are replaced, each atomically.
void SaveBert(const std::filesystem::path& folder, const BertWeights& weights);

// A hash over the encoder's named tensors and the configuration values that affect states; equal for folders
// whose states are equal, whatever the names and the order in their files.
uint64_t Fingerprint(const BertWeights& weights);

}  // namespace bv
