#include "base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

namespace bv {
namespace {

std::atomic<LogLevel> current_level{LogLevel::kInfo};

spdlog::logger& Logger() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("bertvision",
                                                 std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    made->set_pattern("%^%v%$");
    made->set_level(spdlog::level::debug);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

}  // namespace

void SetLogLevel(LogLevel level) {
  current_level = level;
}
LogLevel CurrentLogLevel() {
  return current_level;
}

void LogWarning(const std::string& message) {
  if (current_level.load() >= LogLevel::kWarning) Logger().warn("{}", "warning: " + message);
}
void LogInfo(const std::string& message) {
  if (current_level.load() >= LogLevel::kInfo) Logger().info("{}", message);
}
void LogDebug(const std::string& message) {
  if (current_level.load() >= LogLevel::kDebug) Logger().debug("{}", message);
}

}  // namespace bv
