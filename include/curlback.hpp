/* SPDX-License-Identifier: MIT OR Apache-2.0 */

/**
 * @file curlback.hpp
 * curlback for C++17, header-only: link what a C program links.
 *
 *     curlback::easy easy;
 *     easy.set(CURLBACK_OPT_URL, "https://example.com/");
 *     easy.on_write([](std::string_view data) { std::cout << data; });
 *     easy.perform();
 *
 * What curlback.h says of a function holds for the member of the same name: what may call it and
 * when, the libcurl that it needs. Here moreover:
 *
 *  - Functions throw curlback::error where those of C return a result.
 *  - Callbacks are callables of any kind: lambdas, also generic, mutable and with captures that
 * only move, function objects, function pointers, std::function, std::ref. They are called with
 * what the comment of on_... lists, and with the handle before it where they take one more
 * argument. They return nothing, which is success, or a count or CURLBACK_ constant as in C; no
 * bool, because true would mean failure. nullptr unsets.
 *  - An exception that leaves a callback ends the transfer, and the function that ran it throws the
 *    very same exception. It never crosses C. Where several threw in one call of a multi handle
 * that is the first, and none is lost: see multi_ref::run(). Where nobody is there to throw to,
 *    because the handle is being closed, it is dropped.
 *  - What a callback is given lives until it returns.
 */
#ifndef CURLBACK_HPP
#define CURLBACK_HPP

#include "curlback/callback.hpp"
#include "curlback/easy.hpp"
#include "curlback/error.hpp"
#include "curlback/mime.hpp"
#include "curlback/multi.hpp"
#include "curlback/share.hpp"

#endif /* CURLBACK_HPP */
