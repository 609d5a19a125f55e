// For tests only: small stores whose every number is known. State h of layer l of token t of window w is
// StateValue(w, t, l, h): multiples of 1/8, exact in every codec.
#pragma once

#include <ATen/ops/empty.h>

#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "store/store_reader.h"
#include "store/store_writer.h"

namespace bv::test {

inline float StateValue(int64_t window, int64_t token, int64_t layer, int64_t h) {
  return static_cast<float>((window * 31 + token * 7 + layer * 3 + h) % 17) / 8.0F - 1.0F;
}

// Window w has 2 + w % 5 tokens.
inline int64_t WindowLength(int64_t window) {
  return 2 + window % 5;
}

inline StoreInfo SmallInfo(Codec codec, int64_t windows) {
  StoreInfo info;
  info.backbone = "some/folder";
  info.backbone_fingerprint = "00112233445566aa";
  info.tokenizer_fingerprint = "00112233445566bb";
  info.precision = "fp32";
  info.data = "dev.json";
  info.data_hash = "00112233445566cc";
  info.layers = {0, 1, 3};
  info.hidden = 5;  // odd on purpose: rows are not multiples of 8 bytes
  info.codec = codec;
  info.shard_bytes = 1000;
  info.windows = windows;
  for (int64_t w = 0; w < windows; ++w) info.tokens += WindowLength(w);
  return info;
}

// Two contexts, three questions; text with several bytes a character.
inline QaData SmallData() {
  QaData data;
  data.file = "dev.json";
  data.hash = 0x00112233445566ccULL;
  data.contexts = {"Das Rätsel löst Ida.", "Zwei \"Wege\"\nführen hin."};
  const auto example = [](const char* id, const char* title, const char* question, int32_t context) {
    QaExample made;
    made.id = id;
    made.title = title;
    made.question = question;
    made.context = context;
    return made;
  };
  QaExample who = example("q1", "Rätsel", "Wer löst es?", 0);
  who.answers = {{"Ida", 18}, {"Ida.", 18}};
  who.answer_type = "person";
  QaExample why = example("q2", "", "Warum?", 0);
  why.impossible = true;
  QaExample how_many = example("q3", "Wege", "Wie viele?", 1);
  how_many.answers = {{"Zwei", 0}};
  data.examples = {who, why, how_many};
  data.has_impossible = true;
  data.has_answers = true;
  return data;
}

inline TaskExamples SmallExamples() {
  TaskExamples examples;
  examples.questions = SmallData();
  return examples;
}

// The windows of the given numbers, packed, with f32 states.
inline StoreBatch SmallBatch(const StoreInfo& info, const std::vector<int64_t>& numbers) {
  const auto count = static_cast<int64_t>(numbers.size());
  const auto layers = static_cast<int64_t>(info.layers.size());
  StoreBatch batch;
  batch.offsets = at::empty({count + 1}, at::kLong);
  auto* offsets = batch.offsets.mutable_data_ptr<int64_t>();
  offsets[0] = 0;
  for (int64_t i = 0; i < count; ++i)
    offsets[i + 1] = offsets[i] + WindowLength(numbers[static_cast<size_t>(i)]);
  const int64_t tokens = offsets[count];
  batch.states = at::empty({tokens, layers, info.hidden}, at::kFloat);
  batch.input_ids = at::empty({tokens}, at::kInt);
  batch.token_type_ids = at::empty({tokens}, at::kByte);
  batch.ranges = at::empty({tokens, 2}, at::kInt);
  batch.window = at::empty({count}, at::kInt);
  batch.example = at::empty({count}, at::kInt);
  batch.labels = at::empty({count, 2}, at::kInt);
  batch.context = at::empty({count, 2}, at::kInt);
  int64_t row = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t w = numbers[static_cast<size_t>(i)];
    const auto w32 = static_cast<int32_t>(w);
    const auto length = static_cast<int32_t>(WindowLength(w));
    batch.window.mutable_data_ptr<int32_t>()[i] = w32;
    batch.example.mutable_data_ptr<int32_t>()[i] = w32 % 3;
    batch.labels.mutable_data_ptr<int32_t>()[2 * i] = w32 % 2;
    batch.labels.mutable_data_ptr<int32_t>()[2 * i + 1] = length - 1;
    batch.context.mutable_data_ptr<int32_t>()[2 * i] = 1;
    batch.context.mutable_data_ptr<int32_t>()[2 * i + 1] = length;
    for (int32_t t = 0; t < length; ++t, ++row) {
      batch.input_ids.mutable_data_ptr<int32_t>()[row] = w32 * 100 + t;
      batch.token_type_ids.mutable_data_ptr<uint8_t>()[row] = t > 0 ? 1 : 0;
      batch.ranges.mutable_data_ptr<int32_t>()[2 * row] = t;
      batch.ranges.mutable_data_ptr<int32_t>()[2 * row + 1] = t + 1;
      for (int64_t l = 0; l < layers; ++l) {
        for (int64_t h = 0; h < info.hidden; ++h) {
          batch.states.mutable_data_ptr<float>()[(row * layers + l) * info.hidden + h] =
              StateValue(w, t, l, h);
        }
      }
    }
  }
  return batch;
}

// Windows in falling order of number, `at_once` a batch, passing over batches that are there whole.
// `before` is called before each batch with the number of batches before it.
inline void WriteSmallStore(const fs::path& folder, const StoreInfo& info, int64_t at_once = 3,
                            const std::function<void(int64_t)>& before = {}) {
  StoreWriter writer(folder, info, SmallExamples());
  int64_t batches = 0;
  for (int64_t end = info.windows; end > 0; end -= at_once, ++batches) {
    std::vector<int64_t> numbers;
    bool there = true;
    for (int64_t w = end - 1; w >= std::max<int64_t>(end - at_once, 0); --w) {
      numbers.push_back(w);
      there = there && writer.Has(w);
    }
    if (before) before(batches);
    if (!there) writer.Add(SmallBatch(info, numbers));
  }
  writer.Finish();
}

// Name to content of every file.
inline std::map<std::string, std::string> Files(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    files[entry.path().filename().string()] = ReadFile(entry.path());
  }
  return files;
}

// In place: thousands of WriteFileAtomically, or of truncations, would wait for the disk.
inline void Overwrite(const fs::path& path, const std::string& content) {
  if (!fs::exists(path)) std::ofstream{path};
  std::fstream(path, std::ios::binary | std::ios::in | std::ios::out) << content;
  fs::resize_file(path, content.size());
}

}  // namespace bv::test
