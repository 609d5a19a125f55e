// States straight from text: a StateSource that runs the backbone once per batch, so that any number of heads
// train on it without a store. One owner at a time.
#pragma once

#include "states/state_source.h"
#include "states/window_states.h"

namespace bv {

class BackboneSource : public StateSource {
 public:
  // Both must outlive the source.
  BackboneSource(const WindowStates& states, const std::vector<Window>& windows)
      : states_(states), all_windows_(windows) {}

  void StartEpoch(const EpochRequest& request) override;
  bool Next(StateBatch* batch) override;
  int64_t windows() const override { return static_cast<int64_t>(all_windows_.size()); }
  int64_t tokens() const override;
  int64_t layers() const override { return static_cast<int64_t>(states_.layers().size()); }
  int64_t hidden() const override { return states_.hidden(); }

 private:
  const WindowStates& states_;
  const std::vector<Window>& all_windows_;
  std::vector<int64_t> order_;
  int64_t batch_size_ = 1;
  size_t next_ = 0;
};

}  // namespace bv
