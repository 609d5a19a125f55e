// What a head consists of, stage by stage, with what each costs a window: for explaining a head and for
// forecasting time and memory before anything is trained. Figures are counted from shapes, not measured.
// A value type.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bv {

struct HeadStage {
  std::string what;          // "convolution 1x7, 25 to 128 channels, stride 3"
  std::string shape;         // of what comes out, for one window: "[T, 128, 342]"
  int64_t parameters = 0;    // values it adds to the head's files
  double multiply_adds = 0;  // of one window's way forward
  double kept = 0;           // f32 values kept for the way back, of one window
};

class HeadOutline {
 public:
  // rows: the head reads one row a window, and no shape has an entry for tokens.
  HeadOutline(int64_t tokens, bool rows) : tokens_(rows ? 1 : tokens), rows_(rows) {}

  // Of a window.
  int64_t tokens() const { return tokens_; }
  // The entry of a shape that counts tokens.
  static constexpr int64_t kTokens = -1;
  // multiply_adds and kept: per window.
  void Add(const std::string& what, const std::vector<int64_t>& shape, int64_t parameters,
           double multiply_adds, double kept);

  // The head lays windows on a grid from its first stages on: every one costs what the batch's longest does.
  void SetOnGrid() { on_grid_ = true; }
  bool on_grid() const { return on_grid_; }

  const std::vector<HeadStage>& stages() const { return stages_; }
  int64_t parameters() const;
  double multiply_adds() const;
  double kept() const;
  // The largest of the stages' kept: what exists twice for a moment on the way back.
  double largest() const;

 private:
  int64_t tokens_;
  bool rows_;
  bool on_grid_ = false;
  std::vector<HeadStage> stages_;
};

}  // namespace bv
