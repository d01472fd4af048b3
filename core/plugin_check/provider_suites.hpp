// SPDX-License-Identifier: Apache-2.0
// The parts of the check of a provider.
#pragma once

#include "core/plugin_check/provider_driver.hpp"
#include "core/plugin_check/samples.hpp"
#include "core/plugin_check/suites.hpp"

namespace gatehouse::core::plugin_check {

/// The requests that the provider sends.
std::vector<Suite> request_suites(const Given& given);
/// Its events for good responses, cut at any byte, and for truncated responses.
std::vector<Suite> answer_suites(const Given& given);
/// Its errors for garbage and for error responses.
std::vector<Suite> failure_suites(const Given& given);
/// Retries, early ends, threads.
std::vector<Suite> behavior_suites(const Given& given);
/// Amendments, memory, answers without end.
std::vector<Suite> limit_suites(const Given& given);

/// Says of a refused `sample` what its error should not be.
void judge_refusal(Check& check, Target& target, const Sample& sample, const Error& error);
/// Whether memory grows with each call.
void look_for_leak(Check& check, std::string_view rule, const std::function<void()>& once);

}  // namespace gatehouse::core::plugin_check
