// Messages for people, on stderr. Results never go through here. Safe from any thread.
#pragma once

#include <string>

namespace bv {

enum class LogLevel { kError, kWarning, kInfo, kDebug };

// Messages above this level are dropped. The start value is kInfo.
void SetLogLevel(LogLevel level);
LogLevel CurrentLogLevel();

void LogWarning(const std::string& message);
void LogInfo(const std::string& message);
void LogDebug(const std::string& message);

}  // namespace bv
