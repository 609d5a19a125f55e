// A progress bar on stderr for long work. On a terminal it redraws one line ten times a second at most;
// elsewhere it logs a line now and then; with --quiet it says nothing. Not thread-safe: one owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace bv {

class Progress {
 public:
  // total in units; a total of 0 means unknown. Example: Progress("extract", windows, "windows").
  Progress(std::string title, int64_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // For resumed work: what was done before it began again is shown, but does not count for the rate.
  void StartAt(int64_t done);
  void Advance(int64_t units = 1) { Set(done_ + units); }
  void Set(int64_t done);
  // Shown after the rate, for example "loss 1.234".
  void SetNote(std::string note) { note_ = std::move(note); }
  // Shows a changed note without progress.
  void Redraw() { Set(done_); }
  // Erases the bar so that other output can be printed; the next Set draws it again.
  void Clear();

  // "extract  1,200/5,000 windows  24 %  310/s  12 s left  note": what would be shown after `seconds`.
  std::string Line(double seconds) const;

 private:
  std::string title_;
  int64_t total_;
  std::string unit_;
  std::string note_;
  int64_t done_ = 0;
  int64_t start_ = 0;  // units that were done before
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace bv
