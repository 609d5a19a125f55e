// What a study shows: the overview with its forecasts before it begins, a heading for each step, and what it
// ends in.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "study/steps.h"

namespace bv::cli {

class StudyRun;

// The table of steps: what each has to do, seconds and disk, and their sums.
std::string StudyOverview(const StudyRun& study);
// Every command, for a shell.
std::string StudyCommands(const std::vector<study::Step>& steps);
OrderedJson StudyJson(const StudyRun& study);
// On stderr: "[3/17] spans/states/epoch-0/tokens/train (about 12 s)", and the command.
void ShowStep(const StudyRun& study, size_t step);
// The reports' tables, each under its experiment's name.
std::string StudyResults(const StudyRun& study);

}  // namespace bv::cli
