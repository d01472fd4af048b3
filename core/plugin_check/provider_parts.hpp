// SPDX-License-Identifier: Apache-2.0
// The parts of the check of a provider.
#pragma once

#include "core/plugin_check/parts.hpp"
#include "core/plugin_check/provider_play.hpp"
#include "core/plugin_check/samples.hpp"

namespace gatehouse::core::plugin_check {

/// What it sends.
std::vector<Part> request_parts(const Given& given);
/// What it makes of good answers, however they are cut, and of halves of them.
std::vector<Part> answer_parts(const Given& given);
/// What it makes of garbage and of failed answers.
std::vector<Part> failure_parts(const Given& given);
/// Retries, early ends, threads.
std::vector<Part> manner_parts(const Given& given);
/// Amendments, memory, answers without end.
std::vector<Part> limit_parts(const Given& given);

/// Says of a refused `sample` what its error should not be.
void judge_refusal(Check& check, Subject& subject, const Sample& sample, const Error& error);
/// Whether memory grows with each call.
void look_for_leak(Check& check, std::string_view rule, const std::function<void()>& once);

}  // namespace gatehouse::core::plugin_check
