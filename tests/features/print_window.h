// For the programs of the parity tests alone: a window as Python prints lists,
// "example [ids] [type ids] [(begin, end), …]", to standard output.
#pragma once

#include <iostream>

#include "features/windows.h"

template <typename Values>
void PrintList(const Values& values) {
  const char* separator = "[";
  for (const auto value : values) {
    std::cout << separator << static_cast<int>(value);
    separator = ", ";
  }
  std::cout << "] ";
}

// The ranges are printed as they are: in code points, if they were turned into these.
inline void PrintWindow(const bv::Window& window) {
  std::cout << window.example << ' ';
  PrintList(window.ids);
  PrintList(window.type_ids);
  const char* separator = "[";
  for (const bv::ByteRange& range : window.ranges) {
    std::cout << separator << '(' << range.begin << ", " << range.end << ')';
    separator = ", ";
  }
  std::cout << ']';
}
