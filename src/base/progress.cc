#include "base/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/log.h"
#include "base/strings.h"

namespace bv {
namespace {

using Clock = std::chrono::steady_clock;
double Seconds(Clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

constexpr double kRedrawSeconds = 0.1;
constexpr double kLogSeconds = 20;

}  // namespace

Progress::Progress(std::string title, int64_t total, std::string unit)
    : title_(std::move(title)),
      total_(total),
      unit_(std::move(unit)),
      terminal_(isatty(STDERR_FILENO) == 1),
      begin_(Clock::now()),
      shown_(begin_) {}

Progress::~Progress() {
  Clear();
}

void Progress::Clear() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

std::string Progress::Line(double seconds) const {
  std::string line = title_ + "  " + Thousands(done_);
  if (total_ > 0) line += "/" + Thousands(total_);
  line += " " + unit_;
  if (total_ > 0) line += Cat("  ", std::min<int64_t>(100, done_ * 100 / total_), " %");
  const auto made = static_cast<double>(done_ - start_);
  if (made > 0 && seconds > 0) {
    const double rate = made / seconds;
    line += "  " + (rate >= 10 ? Thousands(static_cast<int64_t>(rate)) : Fixed(rate, 1)) + "/s";
    if (total_ > done_) line += "  " + HumanSeconds(static_cast<double>(total_ - done_) / rate) + " left";
  }
  if (!note_.empty()) line += "  " + note_;
  return line;
}

void Progress::StartAt(int64_t done) {
  start_ = done;
  Set(done);
}

void Progress::Set(int64_t done) {
  done_ = total_ > 0 ? std::min(done, total_) : done;
  if (CurrentLogLevel() < LogLevel::kInfo) return;
  const auto now = Clock::now();
  const double since = Seconds(now - shown_);
  if (since < (terminal_ ? kRedrawSeconds : kLogSeconds)) return;
  shown_ = now;
  const std::string line = Line(Seconds(now - begin_));
  if (terminal_) {
    std::fputs(("\r\x1b[K" + line).c_str(), stderr);
    std::fflush(stderr);
    drawn_ = true;
  } else {
    LogInfo(line);
  }
}

}  // namespace bv
